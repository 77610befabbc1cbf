import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { openKeystore, type SecondFactor, sealKeystore } from './keystore.ts';
import { decodeKeystore, encodeHeader, encodeKeystore, type Keystore } from './keystore-format.ts';

const random = seededRandom(21);
const cost = { passes: 1, memoryKiB: 64 * 1024 };
const passphrase = 'correct horse battery';
const entropy = random(32);
const personHash = random(32);
const factor: SecondFactor = { secret: random(32), sealed: random(77) };

function decoded(file: Uint8Array): Keystore {
  const outcome = decodeKeystore(file);
  if (!outcome.ok) throw new Error(outcome.cause);
  return outcome.keystore;
}

/** Change bytes and mend the checksum, as someone would who means it. */
function forged(file: Uint8Array, at: number, to?: number): Uint8Array {
  const body = file.slice(0, -32);
  body[at] = to ?? (body[at] ?? 0) ^ 1;
  return concatBytes(body, sha256(body));
}

let plain: Uint8Array;
let withFactor: Uint8Array;
beforeAll(async () => {
  plain = await sealKeystore({ entropy, personHash, passphrase, factor: null, cost, random });
  withFactor = await sealKeystore({ entropy, personHash, passphrase, factor, cost, random });
});

describe('the keystore', () => {
  it('opens with its passphrase and no other', async () => {
    expect(plain).toHaveLength(206);
    expect(decoded(plain).header).toMatchObject({ ...cost, personHash, factor: null });
    expect(await openKeystore(decoded(plain), passphrase, null)).toEqual({ ok: true, entropy });
    expect(await openKeystore(decoded(plain), `${passphrase}!`, null)).toEqual({ ok: false, why: 'WRONG_PASSPHRASE' });
  });

  it('is sealed anew with its own salt and nonce, also at the cost of an old one', async () => {
    const old = decoded(plain).header;
    const file = await sealKeystore({ entropy, personHash, passphrase, factor: null, cost: old, random });
    const { header } = decoded(file);
    expect(header).toMatchObject(cost);
    expect(header.salt).not.toEqual(old.salt);
    expect(header.nonce).not.toEqual(old.nonce);
    expect(await openKeystore(decoded(file), passphrase, null)).toEqual({ ok: true, entropy });
  });

  it('takes the same passphrase however it is composed', async () => {
    const file = await sealKeystore({
      entropy,
      personHash,
      passphrase: 'caf\u00e9 cr\u00e8me',
      factor: null,
      cost,
      random,
    });
    expect(await openKeystore(decoded(file), 'cafe\u0301 cre\u0300me', null)).toMatchObject({ ok: true });
  });

  it('needs the second factor it was sealed with', async () => {
    expect(withFactor).toHaveLength(206 + 77);
    const keystore = decoded(withFactor);
    expect(keystore.header.factor?.sealed).toEqual(factor.sealed);
    expect(await openKeystore(keystore, passphrase, factor.secret)).toEqual({ ok: true, entropy });
    expect(await openKeystore(keystore, passphrase, random(32))).toMatchObject({ ok: false });
    expect(await openKeystore(keystore, passphrase, null)).toMatchObject({ ok: false });
  });

  it('tells damage from a wrong passphrase', async () => {
    // Entropy changed on purpose, checksum mended: the passphrase is right, the content is not.
    expect(await openKeystore(decoded(forged(plain, 130)), passphrase, null)).toEqual({ ok: false, why: 'DAMAGED' });
    // Header changed on purpose (salt, person, nonce): cannot be told from a wrong passphrase, and opens nothing.
    for (const at of [20, 36, 68, 92]) {
      expect(await openKeystore(decoded(forged(plain, at)), passphrase, null)).toMatchObject({ ok: false });
    }
  });

  it('never takes a changed or cut file for a keystore: every byte, every length', () => {
    for (const file of [plain, withFactor]) {
      for (let at = 0; at < file.length; at++) {
        const flipped = file.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        expect(decodeKeystore(flipped)).toMatchObject({ ok: false, newer: false });
        expect(decodeKeystore(file.subarray(0, at))).toMatchObject({ ok: false, newer: false });
      }
      expect(decodeKeystore(concatBytes(file, Uint8Array.of(0)))).toMatchObject({ ok: false });
    }
  });

  it('refuses impossible fields under a sound checksum, and cost that would take the computer', () => {
    const cases: [at: number, to: number][] = [
      [9, 2], // suite
      [11, 1], // second factor claimed, none there
      [11, 2], // unknown flag
      [108, 1], // factor check without a factor
      [125, 1], // length of a factor that is not there
      [12, 0xff], // terabytes of memory
      [13, 0], // less than 64 MiB
      [16, 1], // millions of passes
      [19, 0], // no pass
      [8, 0], // version 0
    ];
    for (const [at, to] of cases)
      expect(decodeKeystore(forged(plain, at, to)), `byte ${at}`).toMatchObject({ ok: false, newer: false });
  });

  it('knows a newer release’s file from damage', () => {
    expect(decodeKeystore(forged(plain, 8, 2))).toMatchObject({ ok: false, newer: true });
    const flipped = plain.slice();
    flipped[8] = 2;
    expect(decodeKeystore(flipped)).toMatchObject({ ok: false, newer: false });
  });

  it('reads back any header it wrote', () => {
    const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    const header = fc.record({
      memoryKiB: fc.integer({ min: 64 * 1024, max: 1024 * 1024 }),
      passes: fc.integer({ min: 1, max: 64 }),
      salt: bytes(16),
      personHash: bytes(32),
      nonce: bytes(24),
      keyCheck: bytes(16),
      factor: fc.option(fc.record({ check: bytes(16), sealed: fc.uint8Array({ minLength: 1, maxLength: 4096 }) })),
    });
    fc.assert(
      fc.property(header, bytes(48), (value, sealed) => {
        const headerBytes = encodeHeader(value);
        expect(decoded(encodeKeystore(headerBytes, sealed))).toEqual({ header: value, headerBytes, sealed });
      }),
    );
  });

  it('gives an outcome for any bytes', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((rest) => {
        const body = concatBytes(plain.subarray(0, 20), rest);
        return concatBytes(body, sha256(body));
      }),
    );
    fc.assert(
      fc.property(any, (file) => {
        expect(typeof decodeKeystore(file).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});
