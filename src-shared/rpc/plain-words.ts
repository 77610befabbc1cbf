import type { z } from 'zod';

/**
 * What is wrong with an input, in words for people: given to `safeParse` as `error`, it speaks wherever a schema has no words of
 * its own. Without it the validator's reach the command line ("Too small: expected number to be >=1").
 */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'It is missing.'
        : (types[issue.expected] ?? 'It is something else than it should be.');
    case 'too_small':
      return least(issue.origin, Number(issue.minimum));
    case 'too_big':
      return most(issue.origin, Number(issue.maximum));
    case 'invalid_value':
      return `Choose ${orList(issue.values.map(String))}.`;
    case 'unrecognized_keys':
      return `There is no ${orList(issue.keys)}.`;
    case 'not_multiple_of':
      return `Give a multiple of ${issue.divisor}.`;
    default:
      return 'It is not written as it should be.';
  }
};

const types: Readonly<Record<string, string>> = {
  string: 'Give a text.',
  number: 'Give a number.',
  int: 'Give a whole number.',
  boolean: 'Say true or false.',
  array: 'Give a list.',
  object: 'Give values by their names.',
  record: 'Give values by their names.',
};

const isText = (origin: string): boolean => origin === 'string';
const isMany = (origin: string): boolean => origin === 'array' || origin === 'set';

function least(origin: string, minimum: number): string {
  if (isText(origin)) return minimum === 1 ? 'It is empty.' : `Give ${minimum} characters or more.`;
  if (isMany(origin)) return minimum === 1 ? 'Give at least one.' : `Give ${minimum} or more.`;
  return `The least is ${minimum}.`;
}

function most(origin: string, maximum: number): string {
  if (isText(origin)) return `It may have ${maximum} characters at most.`;
  if (isMany(origin)) return maximum === 1 ? 'Give one only.' : `Give ${maximum} at most.`;
  return `The most is ${maximum}.`;
}

function orList(all: readonly string[]): string {
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}
