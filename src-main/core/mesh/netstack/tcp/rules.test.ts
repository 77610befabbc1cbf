import { describe, expect, it } from 'vitest';
import { addressB } from '../testing/pair.ts';
import { PEER_PORT, PORT, RawPeer, stamps } from '../testing/raw-peer.ts';
import { ACK, FIN, RST, type Segment, SYN } from './segment.ts';

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

describe('opening', () => {
  it('is answered again when the SYN comes again', () => {
    const peer = new RawPeer();
    peer.stack.listen(PORT, () => {});
    peer.send({ seq: SEQ, flags: SYN });
    peer.send({ seq: SEQ, flags: SYN });
    const answers = peer.segments();
    expect(flagsOf(answers)).toEqual([SYN | ACK, SYN | ACK]);
    expect(answers[0]?.sequence).toBe(answers[1]?.sequence);
  });

  it('both at once comes together as one connection', () => {
    const peer = new RawPeer();
    const connection = peer.stack.connect(addressB, PEER_PORT);
    const syn = peer.segments()[0];
    const [iss, localPort] = [syn?.sequence ?? 0, syn?.sourcePort ?? 0];
    peer.send({ seq: SEQ, flags: SYN, destinationPort: localPort });
    expect(connection.state).toBe('syn-received');
    expect(peer.segments()).toMatchObject([{ flags: SYN | ACK, sequence: iss, acknowledgement: SEQ + 1 }]);
    peer.send({ seq: SEQ, ack: iss + 1, flags: SYN | ACK, destinationPort: localPort });
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, destinationPort: localPort });
    expect(connection.state).toBe('established');
  });

  it('refused by a reset that acknowledges it, and by no other', () => {
    const peer = new RawPeer();
    const connection = peer.stack.connect(addressB, PEER_PORT);
    const syn = peer.segments()[0];
    const to = { destinationPort: syn?.sourcePort ?? 0 };
    peer.send({ seq: 0, ack: (syn?.sequence ?? 0) + 2, flags: RST | ACK, ...to });
    peer.send({ seq: 0, flags: RST, ...to });
    expect(connection.state).toBe('syn-sent');
    peer.send({ seq: 0, ack: (syn?.sequence ?? 0) + 1, flags: RST | ACK, ...to });
    expect(connection.error?.code).toBe('REFUSED');
  });

  it('an answer to something else is refused and changes nothing', () => {
    const peer = new RawPeer();
    const connection = peer.stack.connect(addressB, PEER_PORT);
    const syn = peer.segments()[0];
    peer.send({ seq: SEQ, ack: 12_345, flags: SYN | ACK, destinationPort: syn?.sourcePort ?? 0 });
    expect(peer.segments()).toMatchObject([{ flags: RST, sequence: 12_345 }]);
    expect(connection.state).toBe('syn-sent');
  });

  it('is tried again with growing pauses, and given up in time', () => {
    const peer = new RawPeer({ tcp: { openTimeout: 20_000 } });
    const connection = peer.stack.connect(addressB, PEER_PORT);
    const at: number[] = [];
    peer.clock.run(() => {
      if (peer.segments().length > 0) at.push(peer.clock.now());
      return connection.state === 'closed';
    }, 100_000);
    expect(connection.error?.code).toBe('TIMED_OUT');
    const pauses = at.slice(1).map((t, i) => t - (at[i] ?? 0));
    for (let i = 1; i < pauses.length; i++) expect(pauses[i]).toBeGreaterThan(pauses[i - 1] ?? 0);
    expect(peer.stack.tcp.usage.connections).toBe(0);
  });

  it('uses numbers that another connection does not give away, and random ports', () => {
    const peer = new RawPeer();
    const seen = new Set<number>();
    const ports = new Set<number>();
    for (let i = 0; i < 50; i++) peer.stack.connect(addressB, 1000 + i);
    for (const one of peer.segments()) {
      seen.add(one.sequence >>> 16);
      ports.add(one.sourcePort);
      expect(one.sourcePort).toBeGreaterThanOrEqual(49_152);
    }
    expect(seen.size).toBeGreaterThan(40);
    expect(ports.size).toBeGreaterThan(40);
  });
});

describe('a flood of openings', () => {
  const from = (node: number, host: number): Uint8Array => {
    const address = addressB.slice();
    address[5] = node >>> 8;
    address[6] = node;
    address[15] = host;
    return address;
  };

  it('from one node leaves room for the others', () => {
    const peer = new RawPeer();
    const listener = peer.stack.listen(PORT, () => {});
    for (let i = 0; i < 1000; i++) peer.send({ seq: i, flags: SYN, sourcePort: 1000 + i, from: from(1, i & 255) });
    expect(listener.halfOpen).toBe(32);
    peer.packets();
    peer.send({ seq: 9, flags: SYN, from: from(2, 1) });
    expect(flagsOf(peer.segments())).toEqual([SYN | ACK]);
  });

  it('from many is bounded, and newcomers take the place of the oldest', () => {
    const peer = new RawPeer();
    let accepted = 0;
    const listener = peer.stack.listen(PORT, () => accepted++, { backlog: 64 });
    for (let i = 0; i < 5000; i++) peer.send({ seq: i, flags: SYN, from: from(i, 1) });
    expect(listener.halfOpen).toBe(64);
    expect(peer.stack.tcp.usage).toMatchObject({ connections: 64, reserved: 0 });
    peer.packets();
    peer.send({ seq: 9, flags: SYN, from: from(9999, 1) });
    const iss = peer.segments()[0]?.sequence ?? 0;
    peer.send({ seq: 10, ack: iss + 1, flags: ACK, from: from(9999, 1) });
    expect(accepted).toBe(1);
    peer.clock.pass(200_000);
    expect(listener.halfOpen).toBe(0);
    expect(peer.stack.tcp.usage.connections).toBe(1);
  });

  it('cannot make the stack promise more memory than it has', () => {
    const peer = new RawPeer({ memory: 1_000_000, maxConnections: 20 });
    peer.stack.listen(PORT, () => {}, { perNode: 1000 });
    for (let i = 0; i < 100; i++) {
      peer.send({ seq: 1, flags: SYN, sourcePort: 1000 + i });
      const iss = peer.segments()[0]?.sequence;
      if (iss !== undefined) peer.send({ seq: 2, ack: iss + 1, flags: ACK, sourcePort: 1000 + i });
      expect(peer.stack.tcp.usage.reserved).toBeLessThanOrEqual(1_000_000);
      expect(peer.stack.tcp.usage.connections).toBeLessThanOrEqual(20);
    }
  });
});

describe('closing', () => {
  it('by us first goes through FIN-WAIT to TIME-WAIT, which answers a late FIN and believes no reset', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.end();
    expect(peer.segments()).toMatchObject([{ flags: FIN | ACK, sequence: iss + 1 }]);
    expect(connection.state).toBe('fin-wait-1');
    peer.send({ seq: SEQ + 1, ack: iss + 2, flags: ACK });
    expect(connection.state).toBe('fin-wait-2');
    peer.send({ seq: SEQ + 1, ack: iss + 2, flags: ACK, data: bytes(10) });
    expect(connection.read(100)).toEqual(bytes(10));
    peer.send({ seq: SEQ + 11, ack: iss + 2, flags: FIN | ACK });
    expect([connection.state, connection.ended]).toEqual(['time-wait', true]);
    peer.packets();
    peer.send({ seq: SEQ + 11, ack: iss + 2, flags: FIN | ACK });
    expect(peer.segments()).toMatchObject([{ flags: ACK, acknowledgement: SEQ + 12 }]);
    peer.send({ seq: SEQ + 12, flags: RST });
    expect(connection.state).toBe('time-wait');
    peer.clock.pass(60_001);
    expect(connection.state).toBe('closed');
    expect(connection.error).toBeNull();
  });

  it('by the other first leaves us free to go on sending', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: FIN | ACK });
    expect([connection.state, connection.ended]).toEqual(['close-wait', true]);
    expect(peer.segments()).toMatchObject([{ flags: ACK, acknowledgement: SEQ + 2 }]);
    connection.write(bytes(100));
    expect(peer.segments()).toMatchObject([{ dataLength: 100 }]);
    connection.end();
    expect(connection.state).toBe('last-ack');
    peer.send({ seq: SEQ + 2, ack: iss + 102, flags: ACK });
    expect(connection.state).toBe('closed');
    expect(connection.error).toBeNull();
  });

  it('both at once goes through CLOSING', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.end();
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: FIN | ACK });
    expect(connection.state).toBe('closing');
    peer.send({ seq: SEQ + 2, ack: iss + 2, flags: ACK });
    expect(connection.state).toBe('time-wait');
  });

  it('a FIN that overtakes data waits for it, and nothing counts beyond it', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    peer.send({ seq: SEQ + 11, ack: iss + 1, flags: FIN | ACK, data: bytes(5, 2) });
    peer.send({ seq: SEQ + 16, ack: iss + 1, flags: ACK, data: bytes(50, 9) });
    expect(connection.state).toBe('established');
    peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, data: bytes(10) });
    expect(connection.state).toBe('close-wait');
    expect(connection.read(1000)).toEqual(Uint8Array.from([...bytes(10), ...bytes(5, 2)]));
    expect(connection.ended).toBe(true);
  });

  it('an aborted connection is broken off by a reset where the peer expects it', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.write(bytes(10));
    peer.packets();
    connection.abort();
    expect(peer.segments()).toMatchObject([{ flags: RST | ACK, sequence: iss + 11, acknowledgement: SEQ + 1 }]);
    expect(connection.error?.code).toBe('CANCELLED');
    expect(peer.stack.tcp.usage).toMatchObject({ connections: 0, reserved: 0 });
  });

  it('an abandoned connection sends what was written, and resets a peer that goes on talking', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.write(bytes(10));
    connection.end();
    connection.abandon();
    expect(peer.segments()).toMatchObject([{ dataLength: 10 }, { flags: FIN | ACK }]);
    peer.send({ seq: SEQ + 1, ack: iss + 12, flags: ACK, data: bytes(1) });
    expect(peer.segments().at(-1)?.flags).toBe(RST | ACK);
    expect(peer.stack.tcp.usage.connections).toBe(0);
  });

  it('an abandoned connection does not wait for ever for the other side to end', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.end();
    connection.abandon();
    peer.send({ seq: SEQ + 1, ack: iss + 2, flags: ACK });
    expect(connection.state).toBe('fin-wait-2');
    peer.clock.pass(60_001);
    expect(connection.state).toBe('closed');
  });

  it('a new SYN takes the place of TIME-WAIT if it is newer, and is challenged if it may be old', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ);
    connection.end();
    peer.send({ seq: SEQ + 1, ack: iss + 2, flags: FIN | ACK });
    expect(connection.state).toBe('time-wait');
    peer.packets();
    peer.send({ seq: SEQ - 10, flags: SYN });
    expect(flagsOf(peer.segments())).toEqual([ACK]);
    peer.send({ seq: SEQ + 100, flags: SYN });
    expect(flagsOf(peer.segments())).toEqual([SYN | ACK]);
    expect(connection.state).toBe('closed');
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
