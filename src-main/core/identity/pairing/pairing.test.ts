import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xwingKeys } from '#core/crypto/kem.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { idOf, makeSomeone, type Someone } from '../contacts/testing/people.ts';
import { devicePublicKeys, makeDeviceKeys } from '../device-keys.ts';
import { verifyKeyLog } from '../key-log.ts';
import type { PairingChannel } from './channel.ts';
import { type JoinDeps, joinPairing, type Welcome } from './join.ts';
import { type OfferDeps, offerPairing } from './offer.ts';
import { shortCode } from './secrets.ts';
import { memoryChannels } from './testing/memory-channels.ts';
import { decodeMessage, encodeJoiner, encodeMessage } from './wire.ts';

const anna = makeSomeone('Anna', 41);
const soon = () => AbortSignal.timeout(5_000);

interface Seen {
  codes: string[];
  names: string[];
  welcome: Welcome | null;
  kept: number;
}

function sides(channels: readonly [PairingChannel, PairingChannel], seed = 1, someone: Someone = anna) {
  const random = seededRandom(seed);
  const device = makeDeviceKeys(random);
  const seen: Seen = { codes: [], names: [], welcome: null, kept: 0 };
  const offer: OfferDeps = {
    channel: channels[0],
    random,
    now: () => 7000,
    signal: soon(),
    async confirm(code, name) {
      seen.codes.push(code);
      seen.names.push(name);
      return { equal: true, withKeys: false };
    },
    secrets: () => ({ keys: someone.keys.current, entropy: someone.entropy, head: someone.log().head }),
    async keep(entry) {
      seen.kept++;
      return { person: someone.log().person, name: someone.name, log: [...someone.entries, entry] };
    },
  };
  const join: JoinDeps = {
    channel: channels[1],
    random,
    signal: soon(),
    device,
    name: 'Laptop',
    async confirm(code) {
      seen.codes.push(code);
      return true;
    },
    async adopt(welcome) {
      seen.welcome = { ...welcome, entropy: welcome.entropy?.slice() ?? null };
    },
  };
  return { offer, join, seen, device };
}

const codeOf = (error: unknown) => (isFail(error) ? error.code : String(error));
async function outcomes(offer: OfferDeps, join: JoinDeps) {
  const [a, b] = await Promise.allSettled([offerPairing(offer), joinPairing(join)]);
  return [a, b].map((result) => (result.status === 'fulfilled' ? 'ok' : codeOf(result.reason)));
}

describe('pairing', () => {
  it('shows one code on both screens, and certifies the device that joined', async () => {
    const { offer, join, seen, device } = sides(memoryChannels());
    expect(await outcomes(offer, join)).toEqual(['ok', 'ok']);
    expect(seen.codes).toHaveLength(2);
    expect(new Set(seen.codes).size).toBe(1);
    expect(seen.codes[0]).toMatch(/^\d{6}$/);
    expect(seen.names).toEqual(['Laptop']);
    expect(seen.welcome).toMatchObject({ person: anna.log().person, name: 'Anna', entropy: null });
    const verified = verifyKeyLog(seen.welcome?.log ?? []);
    expect(verified.ok && verified.log.devices.map(({ id }) => id)).toContain(idOf(device));
  });

  it('hands the person’s keys over only when they choose so', async () => {
    const { offer, join, seen } = sides(memoryChannels());
    const withKeys = { ...offer, confirm: async () => ({ equal: true, withKeys: true }) };
    expect(await outcomes(withKeys, join)).toEqual(['ok', 'ok']);
    expect(seen.welcome?.entropy).toEqual(anna.entropy);
  });

  it('comes to nothing when either says that the codes differ', async () => {
    const one = sides(memoryChannels());
    expect(await outcomes({ ...one.offer, confirm: async () => ({ equal: false, withKeys: true }) }, one.join)).toEqual(
      ['PAIRING_REFUSED', 'PAIRING_REFUSED'],
    );
    const two = sides(memoryChannels());
    expect(await outcomes(two.offer, { ...two.join, confirm: async () => false })).toEqual([
      'PAIRING_REFUSED',
      'PAIRING_REFUSED',
    ]);
    for (const { seen } of [one, two]) expect([seen.kept, seen.welcome]).toEqual([0, null]);
  });

  it('shows two codes when somebody stands between the two', async () => {
    // Eve joins A as a device of hers, and offers B herself: whatever she does, the codes are two.
    const codes = new Set<string>();
    for (let seed = 10; seed < 14; seed++) {
      const [a, eveA] = memoryChannels();
      const [b, eveB] = memoryChannels();
      const eve = makeSomeone('Anna', 900 + seed);
      const left = sides([a, eveA], seed);
      const right = sides([eveB, b], seed + 100, eve);
      await Promise.all([outcomes(left.offer, left.join), outcomes(right.offer, right.join)]);
      const [hers] = left.seen.codes;
      const [his] = right.seen.codes;
      expect(hers).not.toBe(his);
      codes.add(hers ?? '').add(his ?? '');
    }
    expect(codes.size).toBe(8);
  });

  it('notices a joiner that chooses after it has seen what A chose', async () => {
    const [a, b] = memoryChannels();
    const { offer, seen } = sides([a, b]);
    const cheat = (async () => {
      await b.send(encodeMessage({ type: 'commit', commitment: new Uint8Array(32) }));
      await b.receive(soon());
      const { device } = sides(memoryChannels(), 5);
      const body = encodeJoiner({
        kem: xwingKeys(new Uint8Array(32)).publicKey,
        nonce: new Uint8Array(32),
        device: devicePublicKeys(device),
        name: 'x',
      });
      await b.send(encodeMessage({ type: 'reveal', ciphertext: new Uint8Array(1120), body }));
    })();
    await expect(offerPairing(offer)).rejects.toMatchObject({ code: 'PAIRING_BROKEN' });
    await cheat;
    expect(seen.codes).toEqual([]);
  });

  it('does not survive a changed message, whichever it is, and keeps nothing', async () => {
    // A to B: offer, answer, certify, welcome. B to A: commit, reveal, agreed, proof, done.
    const cases = [0, 1].flatMap((from) => [0, 1, 2, 3, 4].map((which) => ({ from, which })));
    for (const { from, which } of cases) {
      const [a, b] = memoryChannels();
      const tampered = [a, b].map((channel, i): PairingChannel => {
        let count = 0;
        return {
          ...channel,
          async send(message) {
            if (i !== from || count++ !== which) return channel.send(message);
            const changed = message.slice();
            const at = changed.length - 1;
            changed[at] = (changed[at] ?? 0) ^ 1;
            return channel.send(changed);
          },
        };
      });
      const [left, right] = tampered;
      if (left === undefined || right === undefined) throw new Error('two channels');
      const { offer, join, seen } = sides([left, right]);
      // Both persons compare, and say what is true.
      const codes: Promise<string>[] = [];
      const settle: ((code: string) => void)[] = [];
      for (let i = 0; i < 2; i++) codes.push(new Promise((resolve) => settle.push(resolve)));
      const compare = async (i: number, code: string): Promise<boolean> => {
        settle[i]?.(code);
        const gone = new Promise<string>((resolve) => setTimeout(resolve, 50, ''));
        return (await Promise.race([codes[1 - i] ?? gone, gone])) === code;
      };
      const result = await outcomes(
        { ...offer, confirm: async (code) => ({ equal: await compare(0, code), withKeys: true }) },
        { ...join, confirm: (code) => compare(1, code) },
      );
      // A's fifth message does not exist.
      if (from === 0 && which === 4) expect(result).toEqual(['ok', 'ok']);
      else if (from === 1 && which === 4) expect(result).toEqual(['PAIRING_BROKEN', 'ok']);
      else {
        expect(result, `${from} ${which}`).not.toContain('ok');
        expect(seen.welcome).toBeNull();
      }
    }
  });

  it('ends when the other side goes away, at any message', async () => {
    for (let most = 0; most < 5; most++) {
      const [a, b] = memoryChannels();
      let sent = 0;
      const { offer, join } = sides([a, b]);
      const leaving: PairingChannel = {
        ...b,
        async send(message) {
          if (sent++ < most) return b.send(message);
          b.close();
        },
      };
      // Once B keeps what it was given it is a device, whether or not A hears of it: A's log has it anyway.
      const theirs = most === 4 ? 'ok' : 'PAIRING_BROKEN';
      expect(await outcomes(offer, { ...join, channel: leaving })).toEqual(['PAIRING_BROKEN', theirs]);
    }
  });

  it('reads any bytes as a message or as none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), fc.integer({ min: 0, max: 6 }), (rest, type) => {
        const message = decodeMessage(Uint8Array.of(type, ...rest));
        if (message !== null) expect(encodeMessage(message)).toEqual(Uint8Array.of(type, ...rest));
      }),
      { numRuns: 2000 },
    );
    expect(decodeMessage(new Uint8Array(0))).toBeNull();
  });

  it('spreads its codes evenly', () => {
    const first = Array.from({ length: 2000 }, (_, i) =>
      Number(shortCode(Uint8Array.of(i >> 8, i), Uint8Array.of(1))[0]),
    );
    const counts = Array.from({ length: 10 }, (_, digit) => first.filter((found) => found === digit).length);
    for (const count of counts) expect(count).toBeGreaterThan(140);
  });
});
