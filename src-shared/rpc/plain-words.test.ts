import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentContract } from '../contract/agent.ts';
import { plainWords } from './plain-words.ts';

const said = (schema: z.ZodType, input: unknown): string[] =>
  schema.safeParse(input, { error: plainWords }).error?.issues.map(({ message }) => message) ?? [];

/** How the validator's own words begin. */
const raw = /^(Invalid|Too (small|big)|Unrecognized|Expected|Required)|expected |>=|<=|\bregex\b|\/\^/;

const wrong: readonly unknown[] = [
  ...[undefined, null, true, -1, 0, 0.5, 1e15, Number.NaN, '', ' ', 'no such thing!', 'x'.repeat(20_000_000)],
  ...[[], [7], [''], new Array(5_000).fill('a'), {}, { a: 1 }, new Date(0), new Uint8Array(3)],
];

describe('what is wrong with an input', () => {
  it.each(Object.entries(agentContract))('is said in plain words: %s', (_, { input }) => {
    const keys = Object.keys((input as unknown as { shape?: object }).shape ?? {});
    const found = new Set(said(input, 7));
    for (const key of [...keys, 'nonsense']) {
      for (const value of wrong) for (const message of said(input, { [key]: value })) found.add(message);
    }
    expect([...found].filter((message) => raw.test(message))).toEqual([]);
  });

  it('names what would be right', () => {
    const port = z.number().int().min(1).max(65_535);
    expect(said(port, 0)).toEqual(['The least is 1.']);
    expect(said(port, 70_000)).toEqual(['The most is 65535.']);
    expect(said(port, 1.5)).toEqual(['Give a whole number.']);
    expect(said(port, 'x')).toEqual(['Give a number.']);
    expect(said(z.object({ port }), {})).toEqual(['It is missing.']);
    expect(said(z.string().min(1), '')).toEqual(['It is empty.']);
    expect(said(z.string().min(3).max(4), 'ab')).toEqual(['Give 3 characters or more.']);
    expect(said(z.string().max(4), 'abcde')).toEqual(['It may have 4 characters at most.']);
    expect(said(z.array(port).min(1), [])).toEqual(['Give at least one.']);
    expect(said(z.array(port).max(2), [1, 2, 3])).toEqual(['Give 2 at most.']);
    expect(said(z.enum(['in', 'out', 'all']), 'up')).toEqual(['Choose in, out or all.']);
    expect(said(z.strictObject({ port }), { port: 1, prot: 2 })).toEqual(['There is no prot.']);
    expect(said(z.string().regex(/^a$/), 'b')).toEqual(['It is not written as it should be.']);
    // What a schema says itself goes before.
    expect(said(z.string().regex(/^a$/, 'Type an a.'), 'b')).toEqual(['Type an a.']);
  });
});
