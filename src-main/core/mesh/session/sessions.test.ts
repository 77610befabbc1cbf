import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { hex } from '#core/testing/hex.ts';
import { defaultTimes } from './constants.ts';
import type { SessionPolicy } from './policy.ts';
import {
  createSessionModel,
  isEstablished,
  type ModelNode,
  type SessionModel,
  textsOf,
} from './testing/session-model.ts';

const requiring = (...peers: ModelNode[]): SessionPolicy => ({
  required: (address) =>
    peers.find((peer) => toHex(peer.address.subarray(0, 8)) === toHex(address.subarray(0, 8)))?.publicKey ?? null,
  offered: () => true,
});
const byte = (n: number): Uint8Array => Uint8Array.of(n);
const kinds = (model: SessionModel): string[] =>
  model.air.map(({ type, payload }) => (type === 'session' ? `session ${payload[0]}` : type));

/** Two that have a session. */
function couple(seed = 1, options = {}): { model: SessionModel; a: ModelNode; b: ModelNode } {
  const model = createSessionModel(seed, options);
  const [a, b] = [model.node(), model.node()];
  a.send(b, byte(0));
  model.run(100);
  expect(isEstablished(a, model.now()) && isEstablished(b, model.now())).toBe(true);
  // Past the time in which packets outside the session are still taken.
  model.run(6000);
  model.air.length = 0;
  return { model, a, b };
}

describe('two that speak of sessions', () => {
  it('agree on one in two round trips, while the first packets go as of old', () => {
    const model = createSessionModel(1);
    const [a, b] = [model.node(), model.node()];
    expect(a.send(b, byte(1))).toBe(true);
    model.run(39);
    expect(isEstablished(a, model.now())).toBe(false);
    model.run(2);
    expect(isEstablished(a, model.now())).toBe(true);
    model.run(20);
    expect(kinds(model)).toEqual([
      ...['session 1', 'message', 'session 2', 'session 3', 'session 4', 'session 18', 'session 18'],
    ]);
    a.send(b, byte(2));
    b.send(a, byte(3), 'ipv6');
    model.run(20);
    expect(textsOf(b)).toEqual(['01', '02']);
    expect(textsOf(a)).toEqual(['03']);
    expect(kinds(model).slice(7)).toEqual(['session 17', 'session 16']);
    // What the layers below wrote into packets without a session is in those with one, too.
    expect(a.got[0]?.payload[7]).toBe(60);
    expect(a.got[0]).toMatchObject({ type: 'ipv6', hopLimit: 60, publicKey: b.publicKey, source: b.address });
  });

  it('take packets of their /64 alone, and addresses of it for source', () => {
    const { model, a, b } = couple();
    const guest = b.address.slice();
    guest[15] = (guest[15] as number) ^ 1;
    const { sessions } = b;
    sessions?.send(model.now(), 'ipv6', a.address, new Uint8Array(40).fill(4), { source: guest });
    model.run(20);
    expect(a.got).toEqual([]);
    b.send(a, byte(7), 'message', { source: guest });
    model.run(20);
    expect(a.got[0]?.source).toEqual(guest);
  });

  it('make one when both begin at once', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const model = createSessionModel(seed);
      model.weather.delay = [5, 60];
      const [a, b] = [model.node(), model.node()];
      a.send(b, byte(1));
      b.send(a, byte(2));
      model.run(3000);
      expect(a.sessions?.counters.handshakes, `seed ${seed}`).toBe(1);
      expect(b.sessions?.counters.handshakes).toBe(1);
      a.send(b, byte(3));
      b.send(a, byte(4));
      model.run(100);
      expect(textsOf(b).at(-1)).toBe('03');
      expect(textsOf(a).at(-1)).toBe('04');
    }
  });

  it('change keys every two minutes while they talk, and lose nothing by it', () => {
    const { model, a, b } = couple();
    const sent: string[] = [];
    for (let i = 0; i < 100; i++) {
      a.send(b, hex(toHex(Uint8Array.of(i, 1))));
      b.send(a, hex(toHex(Uint8Array.of(i, 2))));
      sent.push(toHex(Uint8Array.of(i, 1)));
      model.run(10_000);
    }
    expect(textsOf(b).slice(1)).toEqual(sent);
    expect(kinds(model).filter((kind) => kind === 'message')).toEqual([]);
    // 1,000 seconds, a look every ten.
    expect(a.sessions?.counters.handshakes).toBe(8);
    expect(b.sessions?.counters.handshakes).toBe(8);
  });

  it('change keys after so many packets', () => {
    const { model, a, b } = couple(1, { times: { rekeyAfterPackets: 100, rejectAfterPackets: 150 } });
    for (let i = 0; i < 1000; i++) {
      a.send(b, Uint8Array.of(i, i >> 8));
      model.run(60);
    }
    expect(new Set(textsOf(b)).size).toBe(1001);
    expect(a.sessions?.counters.handshakes).toBeGreaterThan(6);
  });

  it('erase the keys of a session that nobody uses', () => {
    const { model, a, b } = couple();
    model.run(defaultTimes.rejectAfter);
    for (const node of [a, b]) {
      expect(isEstablished(node, model.now())).toBe(false);
      expect(node.changes).toEqual([true, false]);
      expect(node.sessions?.next()).toBe(Number.POSITIVE_INFINITY);
    }
    // What was recorded is of no use to who gets the nodes' secrets now; playing it back changes nothing.
    const before = [textsOf(a), textsOf(b)];
    for (const packet of [...model.air]) model.inject(packet);
    model.run(100);
    expect([textsOf(a), textsOf(b)]).toEqual(before);
  });

  it('hold what they send while a new session is made with who had one', () => {
    const { model, a, b } = couple();
    model.run(defaultTimes.rejectAfter + 1000);
    a.send(b, byte(9));
    a.send(b, byte(8));
    model.run(100);
    expect(textsOf(b).slice(1)).toEqual(['09', '08']);
    expect(kinds(model)).not.toContain('message');
  });

  it('answer data with an empty packet when there is nothing to say, and then fall silent', () => {
    const { model, a, b } = couple();
    a.send(b, byte(1));
    model.run(60_000);
    expect(kinds(model)).toEqual(['session 17', 'session 18']);
    expect(b.got).toHaveLength(2);
  });
});

describe('who restarts', () => {
  it('is back in a session after the first packet that reaches it', () => {
    const { model, a, b } = couple();
    b.restart();
    a.send(b, byte(1));
    model.run(200);
    expect(isEstablished(b, model.now())).toBe(true);
    a.send(b, byte(2));
    b.send(a, byte(3));
    model.run(50);
    expect(textsOf(b).at(-1)).toBe('02');
    expect(textsOf(a)).toEqual(['03']);
  });

  it('is back after the first packet it sends, which is not taken outside the session', () => {
    const { model, a, b } = couple();
    b.restart();
    b.send(a, byte(1));
    model.run(200);
    expect(textsOf(a)).toEqual([]);
    b.send(a, byte(2));
    a.send(b, byte(3));
    model.run(50);
    expect(textsOf(a)).toEqual(['02']);
    expect(textsOf(b).at(-1)).toBe('03');
  });

  it('comes back without sessions: after half a minute of silence things go as of old', () => {
    const { model, a, b } = couple();
    b.sessions = null;
    for (let i = 0; i < 40; i++) {
      a.send(b, byte(i));
      model.run(1000);
    }
    expect(textsOf(b).at(-1)).toBe('27');
    expect(isEstablished(a, model.now())).toBe(false);
  });

  it('comes back without sessions after a pause: it is waited for once', () => {
    const { model, a, b } = couple();
    model.run(defaultTimes.rejectAfter + 1000);
    b.sessions = null;
    a.send(b, byte(1));
    model.run(defaultTimes.hold - 1);
    expect(b.got).toHaveLength(1);
    model.run(50);
    expect(textsOf(b).at(-1)).toBe('01');
    for (let i = 2; i < 9; i++) {
      a.send(b, byte(i));
      model.run(11);
      expect(b.got).toHaveLength(i + 1);
      model.run(1000);
    }
  });
});

describe('somebody who knows no sessions', () => {
  it('is offered one three times, then after ever longer pauses, and served meanwhile', () => {
    const model = createSessionModel(1);
    const [a, plain] = [model.node(), model.node({ plain: true })];
    for (let i = 0; i < 3600; i++) {
      a.send(plain, Uint8Array.of(i, i >> 8));
      plain.send(a, Uint8Array.of(i, i >> 8));
      model.run(1000);
    }
    expect(plain.got).toHaveLength(3600);
    expect(a.got).toHaveLength(3600);
    const offers = model.air.filter(({ type }) => type === 'session');
    // Of 20 bytes each; in an hour of talk.
    expect(new Set(offers.map(({ payload }) => payload.length))).toEqual(new Set([20]));
    expect(offers.length).toBeGreaterThanOrEqual(15);
    expect(offers.length).toBeLessThanOrEqual(27);
    expect(a.sessions?.status(model.now())).toMatchObject([{ mode: 'prefer', state: 'none', capable: false }]);
  });

  it('is offered nothing when it is not spoken to, or not wanted', () => {
    const model = createSessionModel(1);
    const [a, b] = [model.node(), model.node({ policy: { required: () => null, offered: () => false } })];
    b.send(a, byte(1));
    model.run(1000);
    expect(kinds(model)).toEqual(['message']);
    a.send(b, byte(1));
    model.run(20_000);
    expect(kinds(model)).toEqual(['message', 'session 1', 'message', 'session 1', 'session 1']);
  });
});

describe('where a session is required', () => {
  const strict = (seed = 1): { model: SessionModel; a: ModelNode; b: ModelNode } => {
    const model = createSessionModel(seed);
    const b = model.node();
    const a = model.node({ policy: requiring(b) });
    return { model, a, b };
  };

  it('nothing goes or comes without', () => {
    const { model, a, b } = strict();
    expect(a.send(b, byte(1))).toBe(true);
    expect(a.send(b, byte(2))).toBe(true);
    model.run(100);
    expect(textsOf(b)).toEqual(['01', '02']);
    expect(kinds(model)).not.toContain('message');
  });

  it('the other side is asked for one when it speaks without', () => {
    const { model, a, b } = strict();
    // It offers one itself, which is lost.
    model.filter = ({ from, type }) => from !== b || type !== 'session' || model.now() > 1000;
    b.send(a, byte(1));
    model.run(100);
    expect(a.got).toEqual([]);
    expect(isEstablished(a, model.now())).toBe(true);
    b.send(a, byte(2));
    model.run(50);
    expect(textsOf(a)).toEqual(['02']);
  });

  it('an attacker who drops the offers gets no packet in the open, and the sender is told', () => {
    const { model, a, b } = strict();
    model.filter = ({ type }) => type !== 'session';
    for (let i = 0; i < 100; i++) a.send(b, byte(i));
    model.run(14_000);
    expect(a.refused).toEqual([]);
    model.run(2000);
    // 64 wait at most; the rest was refused at once.
    expect(a.refused).toHaveLength(64);
    expect(b.got).toEqual([]);
    // And when the way is free again, all is well.
    model.filter = () => true;
    a.send(b, byte(200));
    model.run(70_000);
    a.send(b, byte(201));
    model.run(100);
    expect(textsOf(b).at(-1)).toBe('c9');
  });

  it('without it, who drops the offers has the two fall back: the limit that the documents name', () => {
    const model = createSessionModel(1);
    const [a, b] = [model.node(), model.node()];
    model.filter = ({ type }) => type !== 'session';
    a.send(b, byte(1));
    model.run(100);
    expect(kinds(model)).toContain('message');
    expect(textsOf(b)).toEqual(['01']);
  });

  it('holds from when the policy says so, and no longer', () => {
    let wanted: ModelNode[] = [];
    const model = createSessionModel(1);
    const plain = model.node({ plain: true });
    const a = model.node({ policy: { required: (at) => requiring(...wanted).required(at), offered: () => false } });
    a.send(plain, byte(1));
    wanted = [plain];
    a.sessions?.policyChanged(model.now());
    a.send(plain, byte(2));
    model.run(1000);
    expect(textsOf(plain)).toEqual(['01']);
    wanted = [];
    a.sessions?.policyChanged(model.now());
    model.run(50);
    // What waited goes.
    expect(textsOf(plain)).toEqual(['01', '02']);
  });
});

it('what could not be carried is told in the terms of who sent it', () => {
  const { model, a, b } = couple();
  const lost: { type: string; payload: string }[] = [];
  model.filter = ({ type, payload, destination }) => {
    const kind = { type: 1, code: 0 };
    const told = a.sessions?.undelivered({ kind, type, destination, payload: payload.slice(), router: null });
    if (told != null) lost.push({ type: told.type, payload: toHex(told.payload) });
    return true;
  };
  a.send(b, byte(5));
  expect(lost).toEqual([{ type: 'message', payload: '05' }]);
  lost.length = 0;
  a.restart();
  a.send(b, byte(6));
  // A hello means nothing to who sends packets; what went as of old stays as it is.
  expect(lost).toEqual([{ type: 'message', payload: '06' }]);
});
