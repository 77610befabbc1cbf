import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { ed25519PublicKey } from '#core/crypto/sign.ts';
import { createFakeHost, seededRandom } from '#core/testing/fake-host.ts';
import { decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';
import { decodeDeviceFile } from './device-file.ts';
import { makeDeviceKeys, packDeviceKeys, unpackDeviceKeys } from './device-keys.ts';
import { createDrafts, threePositions } from './drafts.ts';
import { derivePersonKeys } from './person-keys.ts';
import { decodeProfile } from './profile.ts';
import { createSession } from './session.ts';
import { signFor, verifyFor } from './signed-message.ts';
import { decodeTries, encodeTries, noTries, notInFuture, oneMore, retryAt } from './tries.ts';

const minute = 60_000;

describe('tries', () => {
  it('lets four pass, then doubles the wait from 30 seconds to an hour', () => {
    let tries = noTries;
    const waits: (number | null)[] = [];
    for (let i = 0; i < 14; i++) {
      tries = oneMore(tries, 0);
      waits.push(retryAt(tries, 0));
    }
    const s = 1000;
    expect(waits).toEqual([
      null,
      null,
      null,
      null,
      30 * s,
      60 * s,
      120 * s,
      240 * s,
      480 * s,
      960 * s,
      1920 * s,
      3600 * s,
      3600 * s,
      3600 * s,
    ]);
  });

  it('is not stretched by a clock that was set back', () => {
    const tries = { failed: 5, lastAt: 1_000_000 };
    expect(retryAt(notInFuture(tries, 500), 500)).toBe(500 + 30_000);
  });

  it('is read back, and never from damage', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), fc.nat(), fc.nat(), (failed, lastAt, at) => {
        const file = encodeTries({ failed, lastAt });
        expect(decodeTries(file)).toEqual({ ok: true, value: { failed, lastAt } });
        const flipped = file.slice();
        const place = at % (file.length - 1);
        flipped[place] = (flipped[place] ?? 0) ^ 1;
        expect(decodeTries(flipped).ok).toBe(false);
      }),
    );
  });
});

describe('checked JSON', () => {
  const schema = z.strictObject({ v: z.literal(1), name: z.string() });

  it('says what is wrong', () => {
    const file = encodeCheckedJson({ v: 1, name: 'Ada' });
    expect(decodeCheckedJson(file, 1, schema)).toEqual({ ok: true, value: { v: 1, name: 'Ada' } });
    const cause = (bytes: Uint8Array) => decodeCheckedJson(bytes, 1, schema);
    expect(cause(utf8(''))).toMatchObject({ ok: false, cause: 'the file is empty' });
    expect(cause(file.subarray(0, 9))).toMatchObject({ ok: false, cause: 'it was cut short or overwritten' });
    expect(cause(utf8(new TextDecoder().decode(file).replace('Ada', 'Eve')))).toMatchObject({
      ok: false,
      newer: false,
    });
    expect(cause(encodeCheckedJson({ v: 2, other: true }))).toMatchObject({ ok: false, newer: true });
    expect(cause(encodeCheckedJson({ v: 1 }))).toMatchObject({ ok: false, newer: false });
  });

  it('gives an outcome for any bytes, in every file that uses it', () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(utf8), fc.object().map(tryEncode));
    fc.assert(
      fc.property(any, (bytes) => {
        for (const decode of [decodeProfile, decodeDeviceFile, decodeTries]) expect(decode(bytes).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function tryEncode(value: Record<string, unknown>): Uint8Array {
  try {
    return encodeCheckedJson(value);
  } catch {
    return utf8('');
  }
}

describe('drafts', () => {
  it('expire after half an hour and are wiped', () => {
    const host = createFakeHost();
    const drafts = createDrafts(host);
    const draft = drafts.make();
    host.advance(30 * minute - 1);
    expect(drafts.find(draft.id)).toBe(draft);
    host.advance(1);
    expect(drafts.find(draft.id)).toBeNull();
    expect(draft.entropy.every((byte) => byte === 0)).toBe(true);
    expect(host.timers()).toBe(0);
  });

  it('are few: the oldest goes first', () => {
    const drafts = createDrafts(createFakeHost());
    const ids = Array.from({ length: 9 }, () => drafts.make().id);
    expect(ids.map((id) => drafts.find(id) !== null)).toEqual([false, ...new Array(8).fill(true)]);
    drafts.clear();
    expect(drafts.find(ids[8] ?? '')).toBeNull();
  });

  it('ask for three different positions, all of them in time', () => {
    const random = seededRandom(8);
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const positions = threePositions(random);
      expect(new Set(positions).size).toBe(3);
      for (const position of positions) seen.add(position);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });
});

describe('a session', () => {
  const open = () => {
    const host = createFakeHost();
    let locked = 0;
    const work = { under: false };
    const session = createSession(
      host,
      () => {
        locked++;
      },
      () => work.under,
    );
    session.setMinutes(15);
    const entropy = new Uint8Array(32).fill(3);
    session.open({ entropy, keys: derivePersonKeys(entropy) });
    return { host, session, entropy, work, locked: () => locked };
  };

  it('ends after the time without use, and zeroes the keys', () => {
    const { host, session, entropy, locked } = open();
    const root = session.secrets()?.keys.vaultRoot ?? new Uint8Array(0);
    host.advance(14 * minute);
    session.touch();
    host.advance(14 * minute);
    expect(session.secrets()).not.toBeNull();
    host.advance(minute);
    expect(session.secrets()).toBeNull();
    expect(locked()).toBe(1);
    expect([...entropy, ...root].every((byte) => byte === 0)).toBe(true);
    expect(host.timers()).toBe(0);
  });

  it('has ended when the computer wakes, though no timer ran', () => {
    const { host, session, locked } = open();
    host.setNow(host.now() + 60 * minute);
    session.touch();
    expect(locked()).toBe(1);
    expect(session.secrets()).toBeNull();
  });

  it('lasts while something is at work that it would break off, and its time begins when that has ended', () => {
    const { host, session, work, locked } = open();
    work.under = true;
    host.advance(600 * minute);
    expect(session.secrets()).not.toBeNull();
    work.under = false;
    host.advance(14 * minute);
    expect(session.secrets()).not.toBeNull();
    host.advance(minute);
    expect(session.secrets()).toBeNull();
    expect(locked()).toBe(1);
  });

  it('ends with the sleep of the computer, though something was at work', () => {
    const { host, session, work, locked } = open();
    work.under = true;
    host.setNow(host.now() + 60 * minute);
    expect(session.secrets()).toBeNull();
    expect(locked()).toBe(1);
  });

  it('is not stretched by a clock that is set back', () => {
    const { host, session } = open();
    host.setNow(host.now() - 1000 * minute);
    expect(session.secrets()).not.toBeNull();
    host.setNow(host.now() + 15 * minute);
    expect(session.secrets()).toBeNull();
  });

  it('stays when told never to lock', () => {
    const { host, session } = open();
    session.setMinutes(0);
    host.advance(100_000 * minute);
    expect(session.secrets()).not.toBeNull();
    expect(session.close()).toBe(true);
    expect(session.close()).toBe(false);
  });
});

describe('device keys', () => {
  it('are read back', () => {
    const keys = makeDeviceKeys(seededRandom(2));
    expect(unpackDeviceKeys(packDeviceKeys(keys))).toEqual(keys);
    expect(unpackDeviceKeys(new Uint8Array(127))).toBeNull();
  });
});

describe('a signature for a purpose', () => {
  it('holds for that purpose only', () => {
    const seed = new Uint8Array(32).fill(1);
    const key = ed25519PublicKey(seed);
    const signature = signFor('vault-root', utf8('hello'), seed);
    expect(verifyFor('vault-root', utf8('hello'), signature, key)).toBe(true);
    expect(verifyFor('deal', utf8('hello'), signature, key)).toBe(false);
    expect(verifyFor('vault-root', utf8('hullo'), signature, key)).toBe(false);
    expect(() => signFor('No\nPurpose', utf8(''), seed)).toThrow(RangeError);
  });
});
