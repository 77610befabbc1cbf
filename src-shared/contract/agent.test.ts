import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyMethod, faces } from '../rpc/contract.ts';
import { commonErrors } from '../rpc/fail.ts';
import { agentContract } from './agent.ts';

const methods = Object.entries(agentContract as Record<string, AnyMethod>);
const inputsOf = (spec: AnyMethod): string[] => Object.keys((spec.input as z.ZodObject).shape);
const sentence = /^[\p{Lu}\d“"].*[.!?]$/su;

describe.each(methods)('%s', (name, spec) => {
  const inputs = inputsOf(spec);

  it('is described in one sentence', () => {
    expect(name).toMatch(/^[a-z]+\.[a-z][A-Za-z]*$/);
    expect(spec.about).toMatch(sentence);
  });

  it('names inputs that it has', () => {
    for (const key of [...(spec.secret ?? []), ...(spec.positional ?? [])]) expect(inputs).toContain(key);
    for (const example of spec.examples) {
      for (const [, slot] of example.matchAll(/\{([^}]*)\}/g)) expect(inputs, example).toContain(slot);
    }
    for (const key of spec.positional ?? []) expect(spec.secret ?? [], 'a secret is no word').not.toContain(key);
  });

  it('says how it is undone, or why not', () => {
    if (spec.effect === 'read') return;
    expect(spec.kind, 'what has an effect has an end to write down').not.toBe('stream');
    expect(spec.undo).toBeDefined();
    if (spec.undo && 'method' in spec.undo) expect(Object.keys(agentContract)).toContain(spec.undo.method);
    else expect(spec.undo?.never).toMatch(sentence);
  });

  it('goes unrecorded on a full disk only where nothing is given, spent or deleted by it', () => {
    if (spec.rescues) expect(['read', 'write']).toContain(spec.effect);
    if (spec.lessens) expect(['share', 'spend', 'deploy', 'delete']).not.toContain(spec.effect);
    expect(spec.lessens === true && spec.rescues === true).toBe(false);
  });

  it('gives a reason for each face it is withheld from', () => {
    for (const [face, reason] of Object.entries(spec.withheld ?? {})) {
      expect(faces).toContain(face);
      expect(reason).toMatch(sentence);
    }
  });

  it('lists its own errors, each once', () => {
    expect(new Set(spec.errors).size).toBe(spec.errors.length);
    for (const code of spec.errors) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(commonErrors as readonly string[]).not.toContain(code);
    }
  });

  it('sums any input up in one line, without its secrets', () => {
    fc.assert(
      fc.property(valuesOf(spec.input, spec.secret ?? []), (input) => {
        const parsed = spec.input.safeParse(input);
        if (!parsed.success) return;
        const summary = spec.summary(parsed.data);
        expect(summary).not.toBe('');
        expect(summary).not.toContain(marker);
      }),
      { numRuns: 30 },
    );
    // Some of what was made up must have been valid, or nothing was looked at.
    const some = fc.sample(valuesOf(spec.input, []), { numRuns: 20, seed: 1 });
    expect(some.filter((input) => spec.input.safeParse(input).success)).not.toEqual([]);
  });
});

/** What every secret of a generated input holds. */
const marker = 'zzsecretzz';

/** Texts of the shapes that the contract asks for: names, paths, ids, hashes, keys, host names. */
const texts = [
  '12345 '.repeat(6),
  '012345',
  '08:00-18:00',
  'name-1',
  'root',
  '/tmp/place',
  'A name with spaces “and” \u202e signs\n',
  'a'.repeat(22),
  'a'.repeat(32),
  'a'.repeat(64),
  `hy1${'a'.repeat(52)}`,
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann',
  '127.0.0.1',
  '4a2:b1::1',
  'tcp://[2001:db8::1]:9651',
  '0123456789abcdef',
  'ann.hypha',
  `SHA256:${'a'.repeat(43)}`,
  'tcp/22',
  'https://app.example',
  '1000',
  `0x${'ab'.repeat(20)}`,
  `0x${'ab'.repeat(32)}`,
  'eip155:1',
  '1.5',
  'https://example.org',
];

/** Inputs of a zod schema, as far as the contract uses zod. */
function valuesOf(schema: z.ZodType, secret: readonly string[]): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    const required = Object.keys(shape).filter((key) => !(shape[key]?.safeParse(undefined).success ?? false));
    return fc.record(
      Object.fromEntries(
        Object.entries(shape).map(([key, member]) => [
          key,
          secret.includes(key) ? secretOf(member) : valuesOf(member, []),
        ]),
      ),
      { requiredKeys: required },
    );
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return valuesOf(schema.unwrap() as z.ZodType, secret);
  if (schema instanceof z.ZodPipe) return valuesOf(schema.in as z.ZodType, secret);
  if (schema instanceof z.ZodArray) return arrayOf(schema, valuesOf(schema.element as z.ZodType, []));
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(fc.constantFrom('to', 'name'), fc.integer({ min: 0, max: 9 }));
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion)
    return fc.oneof(...schema.options.map((option) => valuesOf(option as z.ZodType, [])));
  const candidates: unknown[] = [
    ...texts,
    true,
    false,
    0,
    1,
    2,
    4,
    8,
    256,
    1024,
    65_536,
    1_800_000_000_000,
    '41-17',
    new Uint8Array(3),
    ...(schema instanceof z.ZodEnum ? schema.options : []),
    ...(schema instanceof z.ZodLiteral ? [...schema.values] : []),
  ].filter((value) => schema.safeParse(value).success);
  if (candidates.length === 0)
    throw new Error(`no value is known for ${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }))}`);
  return fc.constantFrom(...candidates);
}

function arrayOf(schema: z.ZodArray, member: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const lengths = [1, 2, 3, 24].filter((n) => {
    const found = schema.safeParse(Array.from({ length: n }, () => null));
    return found.success || !found.error.issues.some(({ code }) => code === 'too_small' || code === 'too_big');
  });
  return fc.constantFrom(...lengths).chain((n) => fc.array(member, { minLength: n, maxLength: n }));
}

/** The marker in the place of every text. */
function secretOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return secretOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return secretOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodArray) return arrayOf(schema, secretOf(schema.element as z.ZodType));
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return fc.record(Object.fromEntries(Object.entries(shape).map(([key, member]) => [key, secretOf(member)])));
  }
  return schema.safeParse(marker).success ? fc.constant(marker) : valuesOf(schema, []);
}
