import { z } from 'zod';
import { agentContract } from '#shared/contract/agent.ts';
import type { AnyMethod, Contract } from '#shared/rpc/contract.ts';
import type { Format } from '../../lib/format.ts';
import type { Translate } from '../../lib/i18n.ts';

/** One argument of a call as a person reads it. */
export interface ArgumentRow {
  readonly name: string;
  /** Null: there are no words for it, so its own name stands there. */
  readonly label: string | null;
  /** One line each. */
  readonly lines: readonly string[];
  /** The caller's own text, letter by letter, and not a word of ours. */
  readonly literal: boolean;
}

export interface ArgumentWords {
  t: Translate;
  /** Text under a key that may have none. */
  lookup: (key: string) => string | null;
  format: Pick<Format, 'number' | 'exact'>;
  /** What a method does, in words. */
  title: (method: string) => string;
}

interface Shape {
  type?: string;
  default?: unknown;
}

/**
 * The arguments of a question in words, with units, from the method's own schema. Only what is empty, and means the same
 * as left out, is left out. What there are no words for is shown exactly as the agent sent it: nothing that is approved
 * is hidden.
 */
export function argumentRows(
  method: string,
  given: readonly { name: string; value: string }[],
  words: ArgumentWords,
): ArgumentRow[] {
  const spec: AnyMethod | undefined = Object.hasOwn(agentContract, method)
    ? (agentContract as Contract)[method]
    : undefined;
  const shapes = spec ? shapesOf(spec) : {};
  return given.flatMap(({ name, value }) => {
    const shape = Object.hasOwn(shapes, name) ? (shapes[name] ?? {}) : {};
    if (isEmpty(value, shape)) return [];
    // The same name may mean another thing in one method (a mandate's target, a machine to reach).
    const label =
      words.lookup(`frame.consent.fieldsOf.${method}.${name}`) ?? words.lookup(`frame.consent.fields.${name}`);
    const secret = spec?.secret?.includes(name) ?? false;
    const said = secret ? [words.t('frame.consent.secret')] : inWords(name, value, shape, words);
    return [{ name, label, lines: said ?? linesOf(value, shape), literal: said === null }];
  });
}

function shapesOf(spec: AnyMethod): Record<string, Shape> {
  const schema = z.toJSONSchema(spec.input, { unrepresentable: 'any', io: 'input' }) as {
    properties?: Record<string, Shape>;
  };
  return schema.properties ?? {};
}

/** Empty where empty is what the agent takes anyway. */
function isEmpty(value: string, { type, default: usual }: Shape): boolean {
  const empty = { string: '', array: '[]', object: '{}' }[type ?? ''];
  if (value !== empty) return false;
  return (type === 'string' ? usual : JSON.stringify(usual)) === empty;
}

function inWords(name: string, value: string, { type }: Shape, words: ArgumentWords): string[] | null {
  const { t, lookup, format } = words;
  const known = /^\w+$/.test(value) ? lookup(`frame.consent.values.${name}.${value}`) : null;
  if (known !== null) return [known];
  if (type === 'boolean' && (value === 'true' || value === 'false'))
    return [t(value === 'true' ? 'common.yes' : 'common.no')];
  if ((type === 'integer' || type === 'number') && value.trim() !== '' && Number.isFinite(Number(value))) {
    // In the very unit that was asked for: rounding to a larger one would show less than is approved.
    if (name.endsWith('MiB')) return [`${format.number(Number(value))} MiB`];
    return [name === 'expiresAt' ? format.exact(Number(value)) : format.number(Number(value), 3)];
  }
  if (name === 'method' && words.title(value) !== value) return [words.title(value)];
  if (name === 'face') {
    const face = lookup(`frame.faces.${value}`);
    return face === null ? null : [face];
  }
  if (name === 'profile') {
    const { k, m } = (parsed(value) ?? {}) as { k?: unknown; m?: unknown };
    if (typeof k === 'number' && typeof m === 'number') return [t('frame.consent.pieces', { k, n: k + m })];
  }
  return null;
}

/** A list, one a line; everything else as it stands. A list that was cut for its length is no list any more. */
function linesOf(value: string, { type }: Shape): string[] {
  const list = type === 'array' ? parsed(value) : null;
  return Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string') ? list : [value];
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
