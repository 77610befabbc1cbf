import { describe, expect, it } from 'vitest';
import { PORT, RawPeer, stamps } from '../testing/raw-peer.ts';
import { ACK, RST, type Segment, SYN } from './segment.ts';

const SEQ = 1000;
const bytes = (n: number, value = 1): Uint8Array => new Uint8Array(n).fill(value);
const sackPermitted = [1, 1, 4, 2];
const flagsOf = (list: Segment[]) => list.map((one) => one.flags);

describe('RST and SYN in a connection (RFC 5961)', () => {
  it('a reset exactly at RCV.NXT ends it; one elsewhere in the window is challenged; outside it is ignored', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    peer.send({ seq: SEQ + 2, ack: iss + 1, flags: RST });
    expect(peer.segments()).toMatchObject([{ flags: ACK, acknowledgement: SEQ + 1, sequence: iss + 1 }]);
    peer.send({ seq: SEQ - 5, flags: RST });
    peer.send({ seq: SEQ + 1_000_000, flags: RST });
    expect(peer.segments()).toEqual([]);
    expect(connection.state).toBe('established');
    peer.send({ seq: SEQ + 1, flags: RST });
    expect(connection.state).toBe('closed');
    expect(connection.error?.code).toBe('RESET');
  });

  it('a SYN is challenged, whatever its number, and changes nothing', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    for (const seq of [SEQ, SEQ + 1, SEQ + 100, SEQ + 10_000_000]) peer.send({ seq, flags: SYN });
    expect(peer.segments().every((one) => one.flags === ACK && one.acknowledgement === SEQ + 1)).toBe(true);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(3) });
    expect(connection.readable).toBe(3);
  });

  it('challenges are at most ten a second', () => {
    const peer = new RawPeer();
    peer.open(SEQ);
    peer.packets();
    for (let i = 0; i < 100; i++) peer.send({ seq: SEQ + 2, flags: RST });
    expect(peer.segments()).toHaveLength(10);
    peer.clock.pass(1000);
    peer.send({ seq: SEQ + 2, flags: RST });
    expect(peer.segments()).toHaveLength(1);
  });

  it('an acknowledgement of what was never sent, or long before, is challenged and its data dropped', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    peer.send({ seq: SEQ + 1, ack: iss + 500, flags: ACK, data: bytes(9) });
    peer.send({ seq: SEQ + 1, ack: iss + 1 - 70_000, flags: ACK, data: bytes(9) });
    expect(peer.segments()).toMatchObject([{ acknowledgement: SEQ + 1 }, { acknowledgement: SEQ + 1 }]);
    expect(connection.readable).toBe(0);
  });
});

describe('without a connection', () => {
  it('a closed port refuses, and never answers a reset', () => {
    const peer = new RawPeer();
    peer.send({ seq: 5, flags: SYN });
    expect(peer.segments()).toMatchObject([{ flags: RST | ACK, sequence: 0, acknowledgement: 6 }]);
    peer.send({ seq: 5, ack: 77, flags: ACK, data: bytes(10) });
    expect(peer.segments()).toMatchObject([{ flags: RST, sequence: 77 }]);
    peer.send({ seq: 5, flags: RST });
    peer.send({ seq: 5, ack: 5, flags: RST | ACK });
    expect(peer.segments()).toEqual([]);
  });

  it('refusals are limited in number', () => {
    const peer = new RawPeer();
    for (let i = 0; i < 500; i++) peer.send({ seq: i, flags: SYN, sourcePort: 1000 + i });
    expect(peer.segments()).toHaveLength(50);
  });

  it('a listener that does not admit an address looks like a closed port to it', () => {
    const peer = new RawPeer();
    peer.stack.listen(PORT, () => {}, { admits: (address) => address[0] === 4 });
    peer.send({ seq: 5, flags: SYN });
    expect(flagsOf(peer.segments())).toEqual([RST | ACK]);
  });
});

describe('timestamps (RFC 7323)', () => {
  it('segments that are older than the last are dropped and answered; ones without are dropped', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ, [1, 1, ...stamps(100, 0).slice(2)]);
    expect(connection.tcb.timestampsOk).toBe(true);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(4), options: stamps(0xffff_fff0, 0) });
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(4) });
    expect(connection.readable).toBe(0);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(4), options: stamps(200, 0) });
    expect(connection.readable).toBe(4);
    connection.write(bytes(1));
    expect(peer.segments().at(-1)).toMatchObject({ hasTimestamps: true, echo: 200 });
    // A reset is believed without.
    peer.send({ seq: SEQ + 5, flags: RST });
    expect(connection.state).toBe('closed');
  });
});

describe('SACK', () => {
  it('tells what lies beyond a gap at once, and duplicates first (RFC 2018, RFC 2883)', () => {
    const peer = new RawPeer();
    const { iss } = peer.open(SEQ, sackPermitted);
    peer.send({ seq: SEQ + 101, ack: iss + 1, flags: ACK, data: bytes(100) });
    peer.send({ seq: SEQ + 301, ack: iss + 1, flags: ACK, data: bytes(100) });
    const answers = peer.segments();
    expect(answers.map((one) => one.sacks.slice(0, one.sackCount * 2))).toEqual([
      [SEQ + 101, SEQ + 201],
      [SEQ + 301, SEQ + 401, SEQ + 101, SEQ + 201],
    ]);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(100) });
    peer.packets();
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(100) });
    const last = peer.segments().at(-1);
    expect(last?.sacks.slice(0, 4)).toEqual([SEQ + 1, SEQ + 101, SEQ + 301, SEQ + 401]);
  });

  it('lies about it change nothing', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ, sackPermitted);
    connection.write(bytes(5000));
    const sack = (a: number, b: number) => {
      const out = new Uint8Array(12);
      new DataView(out.buffer).setUint32(0, 0x0101050a);
      new DataView(out.buffer).setUint32(4, (iss + a) >>> 0);
      new DataView(out.buffer).setUint32(8, (iss + b) >>> 0);
      return [...out];
    };
    for (const [a, b] of [
      [100_000, 200_000],
      [-500, -10],
      [3000, 2000],
      [1, 1],
      [-5, 3000],
      [4000, 50_000],
    ] as const) {
      peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, options: sack(a, b) });
    }
    expect(connection.tcb.board.anySacked).toBe(false);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, options: sack(2000, 3000) });
    expect(connection.tcb.board.anySacked).toBe(true);
  });
});

describe('windows', () => {
  it('a closed window is probed with growing pauses for as long as the peer answers, and filled when it opens', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ, [], 0);
    peer.packets();
    connection.setNoDelay(true);
    connection.write(bytes(3000));
    const at: number[] = [];
    peer.clock.run(() => {
      for (const one of peer.segments()) {
        expect([one.dataLength, one.sequence]).toEqual([1, (iss + 1) >>> 0]);
        at.push(peer.clock.now());
        peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, window: 0 });
        peer.packets();
      }
      return false;
    }, 3_600_000);
    expect(connection.state).toBe('established');
    expect(at.length).toBeGreaterThan(50);
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan((at[1] ?? 0) - (at[0] ?? 0));
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBeLessThanOrEqual(60_000);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, window: 65_535 });
    expect(peer.segments().reduce((sum, one) => sum + one.dataLength, 0)).toBe(3000);
  });

  it('a closed window that nobody answers for ends the connection', () => {
    const peer = new RawPeer();
    const { connection } = peer.open(SEQ, [], 0);
    connection.write(bytes(10));
    peer.clock.run(() => connection.state === 'closed', 3_600_000);
    expect(connection.error?.code).toBe('TIMED_OUT');
  });

  it('the byte of a probe may be taken', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ, [], 0);
    connection.write(Uint8Array.of(1, 2, 3));
    peer.packets();
    peer.clock.run(() => peer.segments().length > 0, 60_000);
    peer.send({ seq: SEQ + 1, ack: iss + 2, flags: ACK, window: 100 });
    expect(peer.segments()).toMatchObject([{ sequence: (iss + 2) >>> 0, dataLength: 2 }]);
  });

  it('ours closes when nobody reads, data beyond it is refused, and its opening is told', () => {
    const peer = new RawPeer({ tcp: { receive: { initial: 8192, most: 8192 } } });
    const { iss, connection } = peer.open(SEQ);
    let next = SEQ + 1;
    let window = 1;
    for (let i = 0; i < 20 && window > 0; i++) {
      const data = bytes(Math.min(1000, window === 1 ? 1000 : window));
      peer.send({ seq: next, ack: iss + 1, flags: ACK, data });
      peer.clock.pass(50);
      const last = peer.segments().at(-1);
      next = last?.acknowledgement ?? next;
      window = last?.window ?? window;
    }
    expect(window).toBe(0);
    const full = connection.readable;
    peer.send({ seq: next, ack: iss + 1, flags: ACK, data: bytes(1000) });
    expect(
      connection.readable - full,
      'the last byte of the buffer is not promised but may be used',
    ).toBeLessThanOrEqual(1);
    expect(connection.readable).toBeLessThanOrEqual(8192);
    peer.packets();
    expect(connection.read(10)?.length).toBe(10);
    expect(peer.segments(), 'ten bytes are not worth telling').toEqual([]);
    while (connection.read(4096) !== null);
    expect(peer.segments()[0]?.window).toBeGreaterThan(4000);
  });

  it('a peer that wants segments of one byte gets larger ones', () => {
    const peer = new RawPeer();
    const { connection } = peer.open(SEQ, [2, 4, 0, 1]);
    peer.packets();
    connection.write(bytes(2000));
    expect(peer.segments().length).toBeLessThan(10);
  });
});

describe('small writes', () => {
  it('wait for what is out to be acknowledged, and do not with noDelay', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    peer.packets();
    for (let i = 0; i < 5; i++) connection.write(bytes(10));
    expect(peer.segments()).toHaveLength(1);
    peer.send({ seq: SEQ + 1, ack: iss + 11, flags: ACK });
    expect(peer.segments()).toMatchObject([{ dataLength: 40 }]);
    connection.setNoDelay(true);
    for (let i = 0; i < 5; i++) connection.write(bytes(10));
    expect(peer.segments()).toHaveLength(5);
  });

  it('are acknowledged after a while, two full ones at once', () => {
    const peer = new RawPeer();
    const { iss } = peer.open(SEQ);
    peer.packets();
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(10) });
    expect(peer.segments()).toEqual([]);
    peer.clock.pass(40);
    expect(peer.segments()).toMatchObject([{ flags: ACK, acknowledgement: SEQ + 11 }]);
    for (const at of [11, 1311]) peer.send({ seq: SEQ + at, ack: iss + 1, flags: ACK, data: bytes(1300) });
    expect(peer.segments()).toMatchObject([{ acknowledgement: SEQ + 2611 }]);
  });
});

describe('keep-alive', () => {
  it('asks a silent peer, is content with its answer, and gives up without', () => {
    const peer = new RawPeer({ tcp: { keepAlive: { idle: 1, interval: 1000, probes: 3 } } });
    const { iss, connection } = peer.open(SEQ);
    connection.setKeepAlive(10_000);
    peer.packets();
    peer.clock.pass(10_001);
    expect(peer.segments()).toMatchObject([{ flags: ACK, sequence: iss, dataLength: 0 }]);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK });
    peer.clock.pass(9000);
    expect(peer.segments()).toEqual([]);
    peer.clock.pass(10_000);
    expect(connection.error?.code).toBe('TIMED_OUT');
  });
});

describe('a peer that falls silent', () => {
  it('has data sent again with growing pauses, then the connection ends', () => {
    const peer = new RawPeer({ tcp: { userTimeout: 30_000 } });
    const { iss, connection } = peer.open(SEQ);
    peer.packets();
    connection.write(bytes(100));
    let copies = 0;
    peer.clock.run(() => {
      copies += peer.segments().filter((one) => one.dataLength > 0 && one.sequence === (iss + 1) >>> 0).length;
      return connection.state === 'closed';
    }, 200_000);
    expect(copies).toBeGreaterThan(3);
    expect(connection.error?.code).toBe('TIMED_OUT');
  });
});
