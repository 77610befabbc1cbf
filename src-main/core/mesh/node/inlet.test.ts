import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { type ControlMessage, encodeControl } from '../wire/control.ts';
import { controlHeaderBytes, encodeDataPacket } from '../wire/packet.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createControlTurns } from './control-turns.ts';
import { createInlet } from './inlet.ts';

const dice = createDice(9);

/** A world where a routing message takes a tenth of a millisecond, and turns of the loop and timers come when told. */
function world() {
  let now = 0;
  const soon: (() => void)[] = [];
  const timers: { at: number; fire: () => void }[] = [];
  const turns = createControlTurns({
    clock: () => now,
    soon: (run) => void soon.push(run),
    setTimer(ms, fire) {
      const timer = { at: now + ms, fire };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  const waiting = { bytes: 0 };
  const link = () => {
    const got: ControlMessage[] = [];
    const state = { packets: 0, paused: false, bad: '', got };
    const inlet = createInlet({
      connection: {
        pause() {
          state.paused = true;
        },
        resume() {
          state.paused = false;
        },
      },
      turns,
      clock: () => now,
      waiting,
      data: () => state.packets++,
      control(message) {
        now += 0.1;
        got.push(message);
      },
      bad(why) {
        state.bad = why;
      },
    });
    return { state, inlet, push: (bytes: Uint8Array) => inlet.push(bytes, 0, bytes.length) };
  };
  return {
    turns,
    waiting,
    link,
    now: () => now,
    pass(ms: number): void {
      now += ms;
    },
    /** One turn of the loop: what was asked for soon, or else the next timer. @returns false when nothing waits */
    turn(): boolean {
      const run = soon.shift();
      if (run !== undefined) {
        run();
        return true;
      }
      const next = timers.shift();
      if (next === undefined) return false;
      now = Math.max(now, next.at);
      next.fire();
      return true;
    },
  };
}

const request = (i: number): ControlMessage => ({
  type: 'route-request',
  generation: i & 0xff,
  prefix: subnetOf(addressOf(Uint8Array.of(...new Array<number>(30).fill(7), i >> 8, i & 0xff))),
});
const many = (n: number, first = 0): Uint8Array =>
  Buffer.concat(Array.from({ length: n }, (_, i) => encodeControl(request(first + i))));
/** One control packet with all of them. */
function together(...messages: ControlMessage[]): Uint8Array {
  const packets = messages.map((message) => Buffer.from(encodeControl(message)));
  const [first] = packets;
  if (first === undefined) throw new Error('nothing to send');
  const body = Buffer.concat(packets.map((one) => one.subarray(controlHeaderBytes)));
  const header = Buffer.from(first.subarray(0, controlHeaderBytes));
  header.writeUInt16BE(body.length, 6);
  return Buffer.concat([header, body]);
}
const packet = encodeDataPacket({
  hopLimit: 9,
  source: dice.bytes(16),
  destination: dice.bytes(16),
  body: dice.bytes(50),
});

describe('what comes in on a link', () => {
  it('is worked on at once while it is little', () => {
    const one = world().link();
    one.push(Buffer.concat([many(40), packet, many(40, 40)]));
    expect(one.state.got).toEqual(Array.from({ length: 80 }, (_, i) => request(i)));
    expect(one.state.packets).toBe(1);
    expect(one.inlet.costly()).toBe(false);
  });

  it('waits when it is much, in its order; packets behind it do not, nor does what says that the neighbour lives', () => {
    const w = world();
    const one = w.link();
    const hello: ControlMessage = { type: 'hello', seqno: 5, interval: 2000 };
    one.push(Buffer.concat([many(900), packet, encodeControl(hello)]));
    expect(one.state.packets).toBe(1);
    expect(one.state.got.length).toBeLessThan(500);
    expect(one.state.got.at(-1)).toEqual(hello);
    expect(one.inlet.costly()).toBe(true);
    expect(w.waiting.bytes).toBeGreaterThan(0);
    while (w.turn());
    expect(one.state.got.filter(({ type }) => type !== 'hello')).toEqual(
      Array.from({ length: 900 }, (_, i) => request(i)),
    );
    expect(w.waiting.bytes).toBe(0);
  });

  it('is not costly any more when there is allowance again, though nothing came since', () => {
    const w = world();
    const one = w.link();
    one.push(many(300));
    while (w.turn());
    expect(one.inlet.costly()).toBe(true);
    w.pass(1_000);
    expect(one.inlet.costly()).toBe(false);
  });

  it('keeps its order, but for Hello and IHU, also behind a Hello in one packet with it', () => {
    const w = world();
    const one = w.link();
    const hello: ControlMessage = { type: 'hello', seqno: 5, interval: 2000 };
    const ihu: ControlMessage = { type: 'ihu', rxCost: 5, interval: 6000 };
    one.push(Buffer.concat([many(300), together(hello, request(300), ihu, request(301)), many(10, 302)]));
    const early = one.state.got.slice(-2);
    expect(early).toEqual([hello, ihu]);
    while (w.turn());
    expect(one.state.got.filter(({ type }) => type === 'route-request')).toEqual(
      Array.from({ length: 312 }, (_, i) => request(i)),
    );
    expect(one.state.got.filter(({ type }) => type !== 'route-request')).toEqual([hello, ihu]);
    expect(w.waiting.bytes).toBe(0);
  });

  it('counts as what waits also as far as a packet of it is begun, or led by a Hello', () => {
    const w = world();
    const one = w.link();
    const hello: ControlMessage = { type: 'hello', seqno: 5, interval: 2000 };
    const big = together(hello, ...Array.from({ length: 1_000 }, (_, i) => request(i)));
    one.push(big);
    expect(w.waiting.bytes).toBeGreaterThanOrEqual(big.length);
    one.push(big);
    expect(w.waiting.bytes).toBeGreaterThanOrEqual(2 * big.length);
    one.inlet.stop();
    expect(w.waiting.bytes).toBe(0);
    one.push(big);
    expect(w.waiting.bytes).toBe(0);
  });

  it('that floods us with signs of life has them wait, too', () => {
    const w = world();
    const one = w.link();
    one.push(
      Buffer.concat(
        Array.from({ length: 1_000 }, (_, seqno) => encodeControl({ type: 'hello', seqno, interval: 2000 })),
      ),
    );
    expect(one.state.got.length).toBeLessThan(300);
    while (w.turn());
    expect(one.state.got.length).toBe(1_000);
  });

  it('is worked on in short slices, with most of the time left free while packets move', () => {
    const w = world();
    const [one, calm] = [w.link(), w.link()];
    one.push(many(1_000));
    const [begun, done] = [w.now(), one.state.got.length];
    let longest = 0;
    while (one.state.got.length < 1_000) {
      calm.push(packet);
      const before = one.state.got.length;
      w.turn();
      longest = Math.max(longest, one.state.got.length - before);
    }
    const worked = (1_000 - done) * 0.1;
    expect((w.now() - begun) / worked).toBeGreaterThan(6);
    // 16 messages of one link at once.
    expect(longest).toBeLessThanOrEqual(16);
  });

  it('has all the time while nothing moves', () => {
    const w = world();
    const one = w.link();
    // The packets of long ago count no more.
    w.turns.moved();
    one.push(many(3_000));
    for (let i = 0; i < 100; i++) w.turn();
    const [begun, done] = [w.now(), one.state.got.length];
    while (w.turn());
    expect(w.now() - begun).toBeCloseTo((one.state.got.length - done) * 0.1, 3);
  });

  it('takes turns with that of other links: who floods us costs others the time of a few messages', () => {
    const w = world();
    const [one, other] = [w.link(), w.link()];
    one.push(many(1_500));
    other.push(many(300));
    while (other.state.got.length < 300) w.turn();
    expect(one.state.got.length).toBeLessThan(600);
  });

  it('is not read from the link any more when much waits, and is again when less does', () => {
    const w = world();
    const one = w.link();
    const heap = many(50);
    for (let i = 0; i < 1_000 && !one.state.paused; i++) one.push(heap);
    expect(one.state.paused).toBe(true);
    expect(w.waiting.bytes).toBeLessThan(2_200_000);
    while (one.state.paused) expect(w.turn()).toBe(true);
    expect(w.waiting.bytes).toBeGreaterThan(0);
    expect(w.waiting.bytes).toBeLessThan(1_100_000);
  });

  it('is read from other links, too, only until a little waits, when all together have much in wait', () => {
    const w = world();
    const heap = many(5_000);
    for (let i = 0; i < 60 && w.waiting.bytes < 34_000_000; i++) w.link().push(heap);
    const late = w.link();
    const few = many(50);
    let pushes = 0;
    for (; pushes < 1_000 && !late.state.paused; pushes++) late.push(few);
    expect(late.state.bad).toBe('');
    expect(pushes * 50).toBeLessThan(1_000);
    while (late.state.paused) expect(w.turn()).toBe(true);
  });

  it('ends when all links together have too much in wait, for who has much; and what waited is forgotten', () => {
    const w = world();
    const heap = many(6_000);
    const links = Array.from({ length: 110 }, () => w.link());
    for (const one of links) one.push(heap);
    const ended = links.filter(({ state }) => state.bad !== '');
    expect(ended.length).toBeGreaterThan(0);
    expect(ended.length).toBeLessThan(links.length);
    for (const { inlet } of links) inlet.stop();
    expect(w.waiting.bytes).toBe(0);
    while (w.turn());
    const after = links.map(({ state }) => state.got.length);
    expect(Math.max(...after)).toBeLessThan(400);
  });

  it('ends when it is nothing of the protocol', () => {
    const one = world().link();
    one.push(Uint8Array.of(7, 7, 7, 7));
    expect(one.state.bad).not.toBe('');
  });
});
