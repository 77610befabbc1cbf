import { utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { PersonId } from '#shared/model/ids.ts';

/*
 * The number that two people compare to know that nobody stands between them: 60 digits, twelve groups of five, the same on
 * both sides. The first half speaks for the person whose id sorts first, the other half for the other. An id is the hash of
 * the record that all keys of the person follow from, so equal numbers mean equal keys, now and after every rotation.
 *
 * Each person has a half of their own, as in Signal: to pass for somebody one must find keys whose half is that very one
 * (100 bits, a second preimage), where of one number made of both it would be enough to find two that meet (50 bits).
 *
 *   half = six groups; a group is five bytes of SHA-256("hypha/v1/safety-number" LF person id), as a number modulo 100,000
 */

const groupsOfHalf = 6;

function half(person: PersonId): string[] {
  const hash = sha256(utf8(`hypha/v1/safety-number\n${person}`));
  return Array.from({ length: groupsOfHalf }, (_, group) => {
    let value = 0;
    for (const byte of hash.subarray(group * 5, group * 5 + 5)) value = value * 256 + byte;
    return String(value % 100_000).padStart(5, '0');
  });
}

/** @returns twelve groups of five digits, the same in whichever order the two are given */
export function safetyNumber(one: PersonId, two: PersonId): string[] {
  const [first, second] = one < two ? [one, two] : [two, one];
  return [...half(first), ...half(second)];
}
