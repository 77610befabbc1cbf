import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xwingKeys } from '#core/crypto/kem.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { deviceIdSchema } from '#shared/model/ids.ts';
import { circleOf, isTrusted } from '../circle.ts';
import { compareCode } from './compare.ts';
import {
  answerHandshake,
  decodeFinish,
  decodeHello,
  decodeReply,
  encodeHello,
  encodeReply,
  startHandshake,
} from './handshake.ts';
import {
  accept,
  announce,
  decodeAcceptance,
  decodeAnnouncement,
  encodeAcceptance,
  encodeAnnouncement,
  holds,
} from './statements.ts';
import { type Answer, type Asking, decodeAnswer, decodeAsking, encodeAnswer, encodeAsking } from './talk.ts';

const id = (n: number) => deviceIdSchema.parse(Buffer.from(new Uint8Array(16).fill(n)).toString('base64url'));
const seed = (n: number) => new Uint8Array(32).fill(n);
const signBy = (n: number) => (bytes: Uint8Array) => ed25519Sign(seed(n), bytes);
const publicKeys = new Map([1, 2, 3, 4, 5].map((n) => [id(n) as string, ed25519PublicKey(seed(n))]));
const verify = (device: string, bytes: Uint8Array, signature: Uint8Array) => {
  const key = publicKeys.get(device);
  return key !== undefined && ed25519Verify(key, bytes, signature);
};
const kem = (n: number) => xwingKeys(seed(100 + n));
const announced = (n: number) => {
  const one = announce(id(n), kem(n).publicKey, 5, signBy(n));
  if (one === null) throw new Error('unsigned');
  return one;
};
const accepted = (by: number, device: number) => {
  const one = accept(id(by), announced(device), 7, signBy(by));
  if (one === null) throw new Error('unsigned');
  return one;
};
const decoders = {
  decodeAnnouncement,
  decodeAcceptance,
  decodeHello,
  decodeReply,
  decodeFinish,
  decodeAsking,
  decodeAnswer,
};

describe('what devices sign', () => {
  it('is read back, and holds for who said it only', () => {
    const one = announced(1);
    expect(decodeAnnouncement(encodeAnnouncement(one))).toEqual(one);
    expect(holds(one, verify)).toBe(true);
    expect(holds({ ...one, device: id(2) }, verify)).toBe(false);
    expect(holds({ ...one, kem: kem(2).publicKey }, verify)).toBe(false);
    const two = accepted(1, 2);
    expect(decodeAcceptance(encodeAcceptance(two))).toEqual(two);
    expect(holds(two, verify)).toBe(true);
    expect(holds({ ...two, device: id(3) }, verify)).toBe(false);
  });
});

describe('the circle of devices', () => {
  const everybody = () => true;
  it('is who was accepted here, and at those, and so on', () => {
    const circle = circleOf(id(1), [accepted(1, 2), accepted(2, 3), accepted(4, 5)], everybody);
    expect([...circle.keys()].sort()).toEqual([id(2), id(3)].sort());
    expect(isTrusted(circle, id(3), kem(3).publicKey)).toBe(true);
    // Another key of the same device was not accepted.
    expect(isTrusted(circle, id(3), kem(4).publicKey)).toBe(false);
  });
  it('never holds who was let in only by somebody that is out', () => {
    const acceptances = [accepted(1, 2), accepted(2, 3), accepted(3, 4), accepted(4, 2), accepted(3, 5)];
    const members = (out: number) => [...circleOf(id(1), acceptances, (device) => device !== id(out)).keys()].sort();
    expect(members(9)).toEqual([2, 3, 4, 5].map(id).sort());
    expect(members(2)).toEqual([]);
    expect(members(3)).toEqual([id(2)]);
  });
  it('is the same whatever the order, and nobody is in whom no chain leads to', () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
    const known = new Map<string, ReturnType<typeof accepted>>();
    const of = (by: number, device: number) => {
      const made = known.get(`${by} ${device}`) ?? accepted(by, device);
      known.set(`${by} ${device}`, made);
      return made;
    };
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 12 }), fc.integer({ min: 2, max: 6 }), (pairs, out) => {
        const inForce = (device: string) => device !== id(out);
        const list = pairs.map(([by, device]) => of(by, device));
        const one = [...circleOf(id(1), list, inForce).keys()].sort();
        expect([...circleOf(id(1), list.toReversed(), inForce).keys()].sort()).toEqual(one);
        for (const member of one) {
          expect(member).not.toBe(id(out));
          expect(pairs.some(([by, device]) => id(device) === member && (by === 1 || one.includes(id(by))))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the digits to compare', () => {
  it('are the same on both, and speak for both keys', () => {
    const [one, two] = [announced(1), announced(2)];
    const code = compareCode(one, two);
    expect(code).toMatch(/^(\d{5} ){5}\d{5}$/);
    expect(compareCode(two, one)).toBe(code);
    expect(compareCode(one, { ...two, kem: kem(3).publicKey })).not.toBe(code);
    // A vector: the digits are the same in every release.
    expect(code).toMatchInlineSnapshot(`"27847 08701 68679 15591 96264 45576"`);
  });
});

describe('the handshake', () => {
  const random = seededRandom(5);
  const agree = (spoil: { hello?: (b: Uint8Array) => Uint8Array; secret?: Uint8Array } = {}) => {
    const begun = startHandshake(encodeAnnouncement(announced(1)), kem(1).secret, random);
    const sent = spoil.hello?.(begun.hello) ?? begun.hello;
    const hello = decodeHello(sent);
    if (hello === null) return null;
    const answered = answerHandshake(
      sent,
      hello,
      kem(1).publicKey,
      encodeAnnouncement(announced(2)),
      spoil.secret ?? kem(2).secret,
      random,
    );
    const reply = answered && decodeReply(answered.reply);
    if (answered === null || reply?.say !== 'here') return null;
    const finished = begun.finish(answered.reply, reply, kem(2).publicKey);
    const theirs = finished && answered.finish(finished.finish);
    return finished && theirs && { caller: finished.lines, called: theirs };
  };

  it('gives both the same keys, another for each direction and connection, in order', () => {
    const [one, two] = [agree(), agree()];
    if (!one || !two) throw new Error('no keys');
    const first = one.caller.ours.seal(Uint8Array.of(1));
    const second = one.caller.ours.seal(Uint8Array.of(2));
    expect(one.called.theirs.open(first)).toEqual(Uint8Array.of(1));
    expect(one.called.theirs.open(second)).toEqual(Uint8Array.of(2));
    expect(one.called.theirs.open(first)).toBeNull();
    expect(one.caller.theirs.open(one.called.ours.seal(Uint8Array.of(3)))).toEqual(Uint8Array.of(3));
    expect(two.called.theirs.open(first)).toBeNull();
  });
  it('gives none that fit to who has not the secret of the key it shows, or changed what was said', () => {
    const other = agree({ secret: kem(3).secret });
    expect(other?.called.theirs.open(other.caller.ours.seal(Uint8Array.of(1))) ?? null).toBeNull();
    const changed = agree({
      hello: (bytes) => {
        const hello = decodeHello(bytes);
        return hello === null ? bytes : encodeHello({ ...hello, once: kem(4).publicKey });
      },
    });
    expect(changed?.called.theirs.open(changed.caller.ours.seal(Uint8Array.of(1))) ?? null).toBeNull();
  });
});

describe('questions and answers', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const content = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString('hex'));
  const meet = {
    name: fc.string({ maxLength: 50 }),
    trusts: fc.boolean(),
    log: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    acceptances: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
  };
  const asking: fc.Arbitrary<Asking> = fc.oneof(
    fc.record({ ask: fc.constant('meet' as const), ...meet }),
    fc.constant({ ask: 'log' as const }),
    fc.constant({ ask: 'news' as const }),
    fc.record({ ask: fc.constant('since' as const), vector: bytes }),
    fc.record({
      ask: fc.constant('read' as const),
      content,
      offset: fc.nat(),
      length: fc.integer({ min: 1, max: 1 << 20 }),
    }),
  );
  const answer: fc.Arbitrary<Answer> = fc.oneof(
    fc.record({ say: fc.constant('met' as const), ...meet }),
    fc.record({ say: fc.constant('log' as const), log: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
    fc.record({ say: fc.constant('batch' as const), batch: fc.option(bytes) }),
    fc.record({ say: fc.constant('bytes' as const), bytes }),
    fc.constant({ say: 'heard' as const }),
    fc.constant({ say: 'no' as const, code: 'NOT_FOUND' as const }),
  );
  it('are read back', () => {
    fc.assert(fc.property(asking, (one) => void expect(decodeAsking(encodeAsking(one))).toEqual(one)));
    fc.assert(fc.property(answer, (one) => void expect(decodeAnswer(encodeAnswer(one))).toEqual(one)));
  });
  it('are nothing when they are anything else', () => {
    const genuine = [
      encodeAnnouncement(announced(1)),
      encodeAcceptance(accepted(1, 2)),
      encodeReply({ say: 'quiet', why: 'locked' }),
      encodeAsking({ ask: 'log' }),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        for (const decode of Object.values(decoders)) expect(() => decode(noise)).not.toThrow();
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...genuine), fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, by) => {
        const spoiled = one.slice();
        spoiled[at % one.length] = (spoiled[at % one.length] ?? 0) ^ by;
        for (const decode of Object.values(decoders)) {
          const read = decode(spoiled);
          if (read !== null && 'sig' in read) expect(holds(read, verify)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
