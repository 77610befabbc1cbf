import { describe, expect, it } from 'vitest';
import { addressB } from '../testing/pair.ts';
import { PEER_PORT, PORT, RawPeer } from '../testing/raw-peer.ts';
import { ACK, FIN, RST, type Segment, SYN } from './segment.ts';

const SEQ = 1000;
const bytes = (n: number, value = 1): Uint8Array => new Uint8Array(n).fill(value);
const _sackPermitted = [1, 1, 4, 2];
const flagsOf = (list: Segment[]) => list.map((one) => one.flags);

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

  it('that come to something leaves connections for others too', () => {
    const peer = new RawPeer({ maxConnections: 80 });
    let accepted = 0;
    peer.stack.listen(PORT, () => accepted++, { perNode: 1000 });
    const open = (address: Uint8Array, sourcePort: number): void => {
      peer.send({ seq: 1, flags: SYN, from: address, sourcePort });
      const iss = peer.segments()[0]?.sequence;
      if (iss !== undefined) peer.send({ seq: 2, ack: iss + 1, flags: ACK, from: address, sourcePort });
    };
    for (let i = 0; i < 100; i++) open(from(1, i & 15), 1000 + i);
    expect(accepted).toBe(10);
    open(from(2, 1), 1000);
    expect(accepted).toBe(11);
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

  it('an abandoned connection is not kept for ever by a peer that does not read', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(SEQ, [], 0);
    connection.write(bytes(1000));
    connection.end();
    connection.abandon();
    peer.clock.run(() => {
      if (peer.segments().length > 0) {
        peer.send({ seq: SEQ + 1, ack: iss + 1, flags: ACK, window: 0 });
        peer.packets();
      }
      return connection.state === 'closed';
    }, 600_000);
    expect(connection.state).toBe('closed');
    expect(peer.stack.tcp.usage).toMatchObject({ connections: 0, reserved: 0 });
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
