import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { createPasswordWorks, hashPassword, openPassword } from './password.ts';
import { cheapPasswords } from './testing/bench.ts';

const works = createPasswordWorks(seededRandom(3), cheapPasswords);

it.each(['person', 'machine'] as const)('is told from others by what stands in the file, made by a %s', async (by) => {
  const stored = (await hashPassword(works, 'pass wörd', by)) ?? '';
  expect(stored).not.toContain('pass');
  const wrong = openPassword(works, stored);
  for (const candidate of ['', 'pass word', stored, 'pass wörd ']) expect(await wrong.check(candidate)).toBe(false);
  const right = openPassword(works, stored);
  expect(right.inClear()).toBe(false);
  expect(await right.check('pass wörd')).toBe(true);
  // In memory from then on.
  expect(right.check('pass wörd')).toBe(true);
  expect(right.check('other')).toBe(false);
});

it('whatever stands in the file, nobody gets in by a password that was not it', async () => {
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA';
  const part = fc.oneof(fc.string({ maxLength: 50 }), fc.constant(salt), fc.constant('A'.repeat(43)));
  const marked = fc
    .tuple(fc.constantFrom('hypha-sha256$', 'hypha-argon2id$', 'hypha-argon2id$1$8$'), fc.array(part, { maxLength: 5 }))
    .map(([marker, parts]) => marker + parts.join('$'));
  await fc.assert(
    fc.asyncProperty(marked, fc.string(), async (stored, candidate) => {
      expect(await openPassword(works, stored).check(candidate)).toBe(false);
    }),
    { numRuns: 60 },
  );
});
