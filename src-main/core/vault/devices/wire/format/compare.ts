import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';

/*
 * The digits that a person compares on the screens of two devices before either lets the other in: six groups of five, the same on
 * both. Each device has a half of its own, as in safety numbers (identity/contacts/safety-number.ts): to pass for a device one
 * must find keys whose half is that very one (about 50 bits, each try making an X-Wing key).
 *
 *   half = three groups; a group is five bytes of SHA-256("hypha/v1/vault-devices" LF device id LF X-Wing key), modulo 100,000
 */

const groupsOfHalf = 3;

export interface Compared {
  readonly device: string;
  readonly kem: Uint8Array;
}

function half({ device, kem }: Compared): string[] {
  const hash = sha256(concatBytes(utf8(`hypha/v1/vault-devices\n${device}\n`), kem));
  return Array.from({ length: groupsOfHalf }, (_, group) => {
    let value = 0;
    for (const byte of hash.subarray(group * 5, group * 5 + 5)) value = value * 256 + byte;
    return String(value % 100_000).padStart(5, '0');
  });
}

/** @returns six groups with spaces between them, the same in whichever order the two are given */
export function compareCode(one: Compared, two: Compared): string {
  const [first, second] = one.device < two.device ? [one, two] : [two, one];
  return [...half(first), ...half(second)].join(' ');
}
