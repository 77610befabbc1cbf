import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64url } from '#core/crypto/encoding.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { deviceIdOf, devicePublicKeys, makeDeviceKeys } from './device-keys.ts';
import {
  type LogOutcome,
  makeDeviceAdd,
  makeDeviceRevoke,
  makeInception,
  type VerifiedLog,
  verifyKeyLog,
} from './key-log.ts';
import { commitment, type Entry, encodeKeySet, entryHash, signEntry } from './key-log-entry.ts';
import { deriveKeySet, derivePersonKeys, type KeySet } from './person-keys.ts';

const random = seededRandom(11);
const entropy = random(32);
const person = derivePersonKeys(entropy);
const other = derivePersonKeys(random(32));
const inception = makeInception(person);
const head = entryHash(inception);
const [phone, laptop] = [makeDeviceKeys(random), makeDeviceKeys(random)];
const [phoneId, laptopId] = [phone, laptop].map((keys) => deviceIdOf(devicePublicKeys(keys).sign));
const addPhone = makeDeviceAdd(head, person.current, phone, 1000);
const addLaptop = makeDeviceAdd(head, person.current, laptop, 2000);
const revokePhone = makeDeviceRevoke(head, person.current, deviceIdOf(devicePublicKeys(phone).sign), 3000);

function good(outcome: LogOutcome): VerifiedLog {
  if (!outcome.ok) throw new Error(`${outcome.fault} at ${outcome.at}`);
  return outcome.log;
}

function rotate(after: Entry, keys: KeySet, keeps: Entry[]): Entry {
  return signEntry(
    {
      v: 1 as const,
      type: 'rotate' as const,
      on: toBase64url(entryHash(after)),
      keys: encodeKeySet(keys.public),
      next: commitment(deriveKeySet(entropy, 2).public),
      keeps: keeps.map((entry) => toBase64url(entryHash(entry))),
      at: 5000,
    },
    keys,
  );
}

describe('a key log', () => {
  it('begins with an inception that depends on the phrase alone', () => {
    expect(makeInception(derivePersonKeys(entropy))).toEqual(inception);
    const log = good(verifyKeyLog([inception]));
    expect(log.person).toMatch(/^hy1[a-z2-7]{52}$/);
    expect(log).toMatchObject({ epoch: 0, devices: [], keys: person.current.public });
    expect(good(verifyKeyLog([makeInception(other)])).person).not.toBe(log.person);
  });

  it('joins two devices certified apart, in any order', () => {
    const one = good(verifyKeyLog([inception, addPhone, addLaptop]));
    const two = good(verifyKeyLog([inception, addLaptop, addPhone]));
    expect(new Set(one.devices.map(({ id }) => id))).toEqual(new Set([phoneId, laptopId]));
    expect(two.person).toBe(one.person);
    expect(new Set(two.devices)).toEqual(new Set(one.devices));
  });

  it('revokes a device; the earlier of two revocations counts', () => {
    const again = makeDeviceRevoke(head, person.current, deviceIdOf(devicePublicKeys(phone).sign), 2500);
    const log = good(verifyKeyLog([inception, addPhone, addLaptop, revokePhone, again]));
    expect(log.devices.find(({ id }) => id === phoneId)?.revokedAt).toBe(2500);
    expect(log.devices.find(({ id }) => id === laptopId)?.revokedAt).toBeNull();
  });

  it('rotates to the keys it committed to, keeping the devices it names', () => {
    const next = deriveKeySet(entropy, 1);
    const rotation = rotate(inception, next, [addLaptop]);
    const log = good(verifyKeyLog([inception, addPhone, addLaptop, rotation]));
    expect(log.person).toBe(good(verifyKeyLog([inception])).person);
    expect(log.epoch).toBe(1);
    expect(log.keys).toEqual(next.public);
    expect(log.devices.map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
      [phoneId, 5000],
      [laptopId, null],
    ]);
    // The old keys sign nothing any more, the new ones do.
    expect(verifyKeyLog([inception, rotate(inception, next, []), addPhone])).toMatchObject({
      fault: 'WRONG_PREDECESSOR',
    });
    const later = makeDeviceAdd(entryHash(rotation), next, makeDeviceKeys(seededRandom(5)), 6000);
    expect(good(verifyKeyLog([inception, addPhone, addLaptop, rotation, later])).devices).toHaveLength(3);
    const stolen = makeDeviceAdd(entryHash(rotation), person.current, makeDeviceKeys(seededRandom(6)), 6000);
    expect(verifyKeyLog([inception, addPhone, addLaptop, rotation, stolen])).toMatchObject({ fault: 'BAD_SIGNATURE' });
  });

  it('refuses what does not follow', () => {
    const foreign = makeDeviceAdd(head, other.current, phone, 1000);
    const cases: [string, unknown[], string, number][] = [
      ['nothing', [], 'EMPTY', 0],
      ['no inception', [addPhone], 'NO_INCEPTION', 0],
      ['two inceptions', [inception, inception], 'SECOND_INCEPTION', 1],
      ['a device signed by another person', [inception, foreign], 'BAD_SIGNATURE', 1],
      [
        'a device under another record',
        [inception, makeDeviceAdd(entryHash(addPhone), person.current, phone, 1)],
        'WRONG_PREDECESSOR',
        1,
      ],
      ['a device twice', [inception, addPhone, addPhone], 'DEVICE_REPEATED', 2],
      ['a revoked device again', [inception, addPhone, revokePhone, addPhone], 'DEVICE_REPEATED', 3],
      ['an unknown device revoked', [inception, revokePhone], 'DEVICE_UNKNOWN', 1],
      ['a rotation to other keys', [inception, rotate(inception, other.current, [])], 'COMMITMENT_BROKEN', 1],
      [
        'a rotation keeping a stranger',
        [inception, rotate(inception, deriveKeySet(entropy, 1), [addPhone])],
        'DEVICE_UNKNOWN',
        1,
      ],
      ['a member too many', [{ ...inception, name: 'Ada' }], 'MALFORMED', 0],
      ['too many entries', new Array(257).fill(inception), 'TOO_LONG', 256],
    ];
    for (const [name, entries, fault, at] of cases) {
      expect(verifyKeyLog(entries), name).toEqual({ ok: false, fault, at });
    }
  });

  it('refuses a device that does not hold its key, or is misnamed', () => {
    if (addPhone.type !== 'device-add' || addLaptop.type !== 'device-add') throw new Error('not devices');
    const { sig: _, pqSig: __, ...bare } = addPhone;
    const borrowed = signEntry({ ...bare, proof: addLaptop.proof }, person.current);
    expect(verifyKeyLog([inception, borrowed])).toMatchObject({ fault: 'BAD_DEVICE_PROOF' });
    const misnamed = signEntry({ ...bare, device: addLaptop.device }, person.current);
    expect(verifyKeyLog([inception, misnamed])).toMatchObject({ fault: 'DEVICE_MISNAMED' });
  });

  it('needs both signatures', () => {
    const foreign = signEntry({ ...inception, sig: undefined, pqSig: undefined } as never, other.current) as Entry;
    expect(verifyKeyLog([{ ...inception, pqSig: foreign.pqSig }])).toMatchObject({ fault: 'BAD_SIGNATURE' });
    expect(verifyKeyLog([{ ...inception, sig: foreign.sig }])).toMatchObject({ fault: 'BAD_SIGNATURE' });
  });

  it('stands for nobody when any letter of it is changed', () => {
    const before = good(verifyKeyLog([inception, addPhone]));
    const text = JSON.stringify([inception, addPhone]);
    fc.assert(
      fc.property(
        fc.nat({ max: text.length - 1 }),
        fc.constantFrom('A', 'b', '7', '_', '"', '{', '9'),
        (at, letter) => {
          fc.pre(text.charAt(at) !== letter);
          let changed: unknown;
          try {
            changed = JSON.parse(text.slice(0, at) + letter + text.slice(at + 1));
          } catch {
            return;
          }
          const outcome = verifyKeyLog(changed as unknown[]);
          // Spelling the same bytes another way is refused too, so there is nothing left to be accepted as the same person.
          if (outcome.ok) expect(outcome.log.person).not.toBe(before.person);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives an outcome for any value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.anything(), fc.constant(inception), fc.constant(addPhone)), { maxLength: 4 }),
        (entries) => {
          expect(typeof verifyKeyLog(entries).ok).toBe('boolean');
        },
      ),
      { numRuns: 60 },
    );
  });
});
