import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { cookieLife } from './cookies.ts';
import {
  createSessionModel,
  isEstablished,
  type ModelNode,
  type Sealed,
  type SessionModel,
  textsOf,
} from './testing/session-model.ts';
import { encodeHandshake, initBytes, putDataHead, responseBytes } from './wire.ts';

/*
 * The seal around session packets is made of the two static keys: who carries packets can play them back, hand them to their
 * sender and drop them; only who has one of the static secrets can make them. `inject` with a payload of its own is the latter.
 */

const byte = (n: number): Uint8Array => Uint8Array.of(n);

function couple(seed = 1, options = {}): { model: SessionModel; a: ModelNode; b: ModelNode } {
  const model = createSessionModel(seed, options);
  const [a, b] = [model.node(), model.node()];
  a.send(b, byte(0));
  model.run(100);
  a.send(b, byte(1));
  b.send(a, byte(2));
  model.run(6000);
  expect(textsOf(b)).toEqual(['00', '01']);
  return { model, a, b };
}

/** Both still talk in the session that they had. */
function talk({ model, a, b }: ReturnType<typeof couple>): void {
  a.send(b, byte(0x71));
  b.send(a, byte(0x72));
  model.run(50);
  expect(textsOf(b).at(-1)).toBe('71');
  expect(textsOf(a).at(-1)).toBe('72');
  expect(model.air.slice(-2).every(({ type }) => type === 'session')).toBe(true);
}
const sinceOf = (node: ModelNode, now: number): unknown => node.sessions?.status(now).map(({ since }) => since);
const ofKind = (model: SessionModel, kind: number): Sealed[] =>
  model.air.filter(({ type, payload }) => type === 'session' && payload[0] === kind);

describe('who plays packets back', () => {
  it('has none delivered again, and ends no session', () => {
    const pair = couple();
    const { model, a, b } = pair;
    const before = [sinceOf(a, model.now()), sinceOf(b, model.now())];
    const recorded = [...model.air];
    for (let round = 0; round < 20; round++) {
      for (const packet of recorded) model.inject(packet);
      model.run(500);
    }
    expect([sinceOf(a, model.now()), sinceOf(b, model.now())]).toEqual(before);
    expect([a.got.length, b.got.length]).toEqual([1, 2]);
    expect(b.sessions?.counters.replayed).toBeGreaterThan(0);
    // The old way is closed as well while there is a session.
    expect(b.sessions?.counters.outside).toBeGreaterThan(0);
    talk(pair);
  });

  it('gets the same answer to an init a few times and then none, and nothing new is made of it', () => {
    const pair = couple();
    const { model, a, b } = pair;
    a.restart();
    const [init] = ofKind(model, 3);
    model.filter = ({ payload, type }) => type !== 'session' || payload[0] !== 4;
    a.send(b, byte(5));
    model.run(100);
    const fresh = ofKind(model, 3).at(-1) as Sealed;
    const answers = ofKind(model, 4).length;
    for (let i = 0; i < 50; i++) model.inject(fresh);
    for (let i = 0; i < 50; i++) model.inject(init as Sealed);
    model.run(10);
    const more = ofKind(model, 4).slice(answers);
    expect(more).toHaveLength(4);
    expect(new Set(more.map(({ payload }) => toHex(payload))).size).toBe(1);
    // B still uses what it had: an answered init takes nothing away.
    expect(isEstablished(b, model.now())).toBe(true);
  });

  it('gets no answer to an old init at all, also of a node that restarted', () => {
    const { model, a, b } = couple();
    const [init] = ofKind(model, 3);
    const from = (init as Sealed).from;
    const to = from === a ? b : a;
    const answers = (): number => ofKind(model, 4).length;
    const before = answers();
    model.run(cookieLife + 1);
    model.inject(init as Sealed);
    model.run(100);
    expect(answers()).toBe(before);
    to.restart();
    model.inject(init as Sealed);
    model.run(100);
    expect(answers()).toBe(before);
  });

  it('makes a restarted node begin a handshake now and then, no more', () => {
    const { model, a, b } = couple();
    b.restart();
    // The true peer is cut off.
    model.filter = ({ from }) => from === b;
    const recorded = model.air.filter(({ to }) => to === b);
    const before = model.air.length;
    for (let i = 0; i < 600; i++) {
      for (const packet of recorded) model.inject(packet);
      model.run(100);
    }
    expect(isEstablished(a, model.now())).toBe(true);
    // In a minute of 10 rounds a second: hellos, their repetitions, and challenges to hellos played back.
    const sent = model.air.slice(before).filter(({ from }) => from === b);
    const hellos = sent.filter(({ payload }) => payload[0] === 1);
    expect(hellos.length).toBeLessThan(35);
    expect(sent.every(({ payload }) => payload.length <= 36)).toBe(true);
  });

  it('hands packets back to who sent them, in vain', () => {
    const pair = couple();
    const { model, a, b } = pair;
    const before = [sinceOf(a, model.now()), sinceOf(b, model.now())];
    const sent = model.air.length;
    for (const packet of [...model.air]) {
      const { source, destination } = packet;
      model.inject({ ...packet, source: destination, destination: source }, { from: packet.to, to: packet.from });
    }
    model.run(1000);
    expect([sinceOf(a, model.now()), sinceOf(b, model.now())]).toEqual(before);
    expect([a.got.length, b.got.length]).toEqual([1, 2]);
    // Nothing was taken for the other's, so nothing was answered, but what came outside the session.
    expect(model.air.slice(sent).map(({ payload }) => payload[0])).toEqual([18]);
    talk(pair);
    // Also in the middle of a handshake: our own hello is not the peer's.
    const other = createSessionModel(2);
    const [c, d] = [other.node(), other.node()];
    other.filter = (packet) => {
      const { source, destination } = packet;
      other.inject({ ...packet, source: destination, destination: source }, { from: packet.to, to: packet.from });
      return true;
    };
    c.send(d, byte(1));
    other.run(200);
    expect(isEstablished(c, other.now()) && isEstablished(d, other.now())).toBe(true);
    expect(c.sessions?.counters.handshakes).toBe(1);
  });

  it('moves the packets of one session to another in vain', () => {
    const { model, a, b } = couple();
    const c = model.node();
    c.send(b, byte(3));
    model.run(6000);
    const got = b.got.length;
    for (const packet of model.air.filter(({ to, type }) => to === b && type === 'session')) {
      const from = packet.from === a ? c : a;
      model.inject({ ...packet, source: from.address }, { from });
    }
    model.run(1000);
    expect(b.got).toHaveLength(got);
  });
});

it('who plays hellos back has few of them answered', () => {
  const { model, a, b } = couple();
  const hello = ofKind(model, 1)[0] as Sealed;
  const challenges = (): number => ofKind(model, 2).length;
  const before = challenges();
  for (let i = 0; i < 1000; i++) model.inject(hello);
  model.run(1000);
  expect(challenges() - before).toBeLessThanOrEqual(200);
  talk({ model, a, b });
});

describe('who has a static secret and makes packets', () => {
  it('moves no window with counters it cannot seal', () => {
    const pair = couple();
    const { model, a, b } = pair;
    const real = ofKind(model, 17).filter(({ to }) => to === b)[0] as Sealed;
    for (const counter of [3, 2 ** 20, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const forged = real.payload.slice();
      const index = ((forged[1] as number) << 16) | ((forged[2] as number) << 8) | (forged[3] as number);
      putDataHead(forged, { type: 'message', index, counter });
      model.inject(real, { payload: forged });
    }
    // The kind is authenticated, too.
    const turned = real.payload.slice();
    turned[0] = 16;
    turned[11] = 99;
    model.inject(real, { payload: turned });
    const huge = real.payload.slice();
    huge.fill(255, 4, 12);
    model.inject(real, { payload: huge });
    model.run(100);
    expect(b.sessions?.counters.forged).toBe(5);
    expect(b.sessions?.counters.malformed).toBe(1);
    expect(b.got).toHaveLength(2);
    talk(pair);
    expect(a.sessions?.counters.handshakes).toBe(1);
  });

  it('gets nothing for keys of low order, nor for garbage with a good cookie', () => {
    const model = createSessionModel(1);
    const [a, b] = [model.node(), model.node()];
    // A is the thief's: its init is replaced on the way.
    const bent: Uint8Array[] = [];
    model.filter = (packet) => {
      if (packet.type !== 'session' || packet.payload[0] !== 3) return true;
      const low = packet.payload.slice();
      low.fill(0, 36, 68);
      const noise = packet.payload.slice();
      noise.fill(7, 100);
      for (const payload of [low, noise, low, noise, low, noise, low, noise]) {
        bent.push(payload);
        model.inject(packet, { payload });
      }
      return false;
    };
    a.send(b, byte(1));
    model.run(900);
    expect(bent.length).toBeGreaterThan(0);
    expect(ofKind(model, 4)).toEqual([]);
    // Five at once, then one in five seconds.
    expect(b.sessions?.counters.forged).toBe(5);
    expect(b.sessions?.counters.limited).toBe(3);
  });

  it('sends any bytes, which do nothing', () => {
    const pair = couple();
    const { model, a, b } = pair;
    const stranger = model.node({ plain: true });
    const template = (from: ModelNode): Sealed => ({
      ...{ from, to: b, type: 'session', source: from.address, destination: b.address },
      payload: new Uint8Array(0),
    });
    const head = fc.tuple(fc.nat(20), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 0, 1));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(head, fc.constantFrom(20, 36, initBytes, responseBytes, 28, 60), fc.nat(255))
        .map(([first, length, fill]) => {
          const bytes = new Uint8Array(length).fill(fill);
          bytes.set(first);
          return bytes;
        }),
    );
    fc.assert(
      fc.property(any, fc.boolean(), (payload, known) => {
        model.inject(template(known ? a : stranger), { payload });
        model.run(1);
      }),
      { numRuns: 3000 },
    );
    expect(b.got).toHaveLength(2);
    talk(pair);
  });
});

describe('a flood of strangers', () => {
  const limits = { peers: 30, inits: 5, initBurst: 10, hellos: 50, helloBurst: 100 };

  it('is answered within bounds, and those who have sessions, or must have, do not notice', () => {
    let contact: ModelNode | null = null;
    const model = createSessionModel(3, { limits });
    const isContact = (address: Uint8Array): boolean => contact !== null && toHex(contact.address) === toHex(address);
    const b = model.node({
      policy: {
        required: (address) => (isContact(address) ? (contact?.publicKey ?? null) : null),
        offered: () => true,
      },
    });
    const a = model.node();
    a.send(b, byte(1));
    model.run(6000);
    const crowd = Array.from({ length: 100 }, () => model.node());
    contact = model.node();
    model.air.length = 0;
    for (let round = 0; round < 10; round++) {
      for (const one of crowd) {
        one.send(b, byte(round));
        // Garbage in a session that never was.
        const payload = new Uint8Array(40).fill(16);
        model.inject({ from: one, to: b, type: 'session', source: one.address, destination: b.address, payload });
      }
      a.send(b, Uint8Array.of(1, round));
      model.run(100);
    }
    // One second.
    const status = b.sessions?.status(model.now()) ?? [];
    expect(status.length).toBeLessThanOrEqual(limits.peers);
    const responses = ofKind(model, 4).filter(({ from }) => from === b);
    expect(new Set(responses.map(({ to }) => toHex(to.publicKey))).size).toBeLessThanOrEqual(
      limits.initBurst + limits.inits + 1,
    );
    expect(b.sessions?.counters.limited).toBeGreaterThan(0);
    for (let round = 0; round < 10; round++) expect(textsOf(b)).toContain(`010${round}`);
    contact.send(b, byte(0xcc));
    model.run(100);
    contact.send(b, byte(0xcd));
    model.run(50);
    expect(textsOf(b)).toContain('cd');
    expect(textsOf(b)).not.toContain('cc');
    talk({ model, a, b });
  });

  it('leaves room again when it is over', () => {
    const model = createSessionModel(4, {
      limits: { ...limits, inits: 1000, initBurst: 1000, hellos: 1000, helloBurst: 1000 },
    });
    const b = model.node();
    const crowd = Array.from({ length: 40 }, () => model.node());
    for (const one of crowd) one.send(b, byte(1));
    model.run(1000);
    expect(b.sessions?.status(model.now())).toHaveLength(limits.peers);
    const late = model.node();
    late.send(b, byte(1));
    model.run(8000);
    expect(isEstablished(late, model.now())).toBe(false);
    model.run(60_000);
    late.send(b, byte(2));
    model.run(1000);
    expect(isEstablished(late, model.now())).toBe(true);
    expect(b.sessions?.status(model.now())).toHaveLength(limits.peers);
  });
});

it('a key that took 2^57 tries to fall into a /64 gets nothing from who has a session there, or must have', () => {
  const { model, a, b } = couple();
  const intruder = model.node();
  const got = b.got.length;
  const sealed = { from: intruder, to: b, source: a.address, destination: b.address } as const;
  model.inject({ ...sealed, type: 'message', payload: byte(9) });
  for (const packet of model.air.filter(({ to, type }) => to === b && type === 'session')) {
    model.inject({ ...sealed, type: 'session', payload: packet.payload });
  }
  const nonce = new Uint8Array(16);
  model.inject({ ...sealed, type: 'session', payload: encodeHandshake({ kind: 'hello', greater: true, nonce }) });
  model.inject({ ...sealed, type: 'session', payload: encodeHandshake({ kind: 'hello', greater: false, nonce }) });
  const before = model.air.length;
  model.run(100);
  expect(b.got).toHaveLength(got);
  expect(model.air).toHaveLength(before);
});
