import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bindingOf } from './binding.ts';

const bind = (input: unknown) => bindingOf('toy.pay', input, 'nonce', 1);

it('gives every kind of value a binding of its own', () => {
  const values = [
    '1',
    1,
    1n,
    'i1',
    's"1"',
    new Uint8Array([1]),
    'bAQ',
    'AQ',
    [1],
    ['1'],
    { 1: 1 },
    null,
    true,
    '\ud800',
    '\udfff',
  ];
  const bindings = values.map((to) => bind({ to }));
  expect(new Set(bindings).size).toBe(values.length);
});

it('is the same for the same input, and another for any other', () => {
  const input = fc.dictionary(
    fc.string({ unit: 'binary' }),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.bigInt()),
  );
  fc.assert(
    fc.property(input, input, (a, b) => {
      expect(bind(a)).toBe(bind(structuredClone(a)));
      const same =
        Object.keys(a).length === Object.keys(b).length &&
        Object.entries(a).every(([k, v]) => Object.hasOwn(b, k) && Object.is(b[k], v));
      if (!same) expect(bind(a)).not.toBe(bind(b));
    }),
    { numRuns: 40 },
  );
});
