import { describe, expect, it } from 'vitest';
import { encodeIcmp, QUOTE_LIMIT } from './ip/icmpv6.ts';
import { PathMtus } from './path-mtu.ts';
import { address, addressA, addressB, createPair } from './testing/pair.ts';
import { PEER_PORT, RawPeer } from './testing/raw-peer.ts';
import { drive } from './testing/transfer.ts';

const router = address('fd00::1');

describe('the path MTU (RFC 8201)', () => {
  it('is only lowered, never below 1280, and forgotten after a while', () => {
    const mtus = new PathMtus(() => 1400);
    expect(mtus.lower(addressB, 1500, 0)).toBe(false);
    expect(mtus.lower(addressB, 1350, 0)).toBe(true);
    expect([mtus.get(addressB, 1), mtus.get(addressA, 1)]).toEqual([1350, 1400]);
    expect(mtus.lower(addressB, 100, 0)).toBe(true);
    expect(mtus.get(addressB, 1)).toBe(1280);
    expect(mtus.get(addressB, 600_001)).toBe(1400);
  });

  it('is what the link takes for each destination, and less where that was learned', () => {
    const mtus = new PathMtus((to) => (to[15] === 2 ? 16_384 : 1400));
    expect([mtus.get(addressB, 0), mtus.get(addressA, 0)]).toEqual([16_384, 1400]);
    expect(mtus.lower(addressB, 1400, 0)).toBe(true);
    expect([mtus.get(addressB, 1), mtus.get(addressB, 600_001)]).toEqual([1400, 16_384]);
  });

  it('remembers a bounded number of destinations', () => {
    const mtus = new PathMtus(() => 1400);
    for (let i = 0; i < 5000; i++) {
      const to = addressB.slice();
      to[14] = i >>> 8;
      to[15] = i;
      mtus.lower(to, 1300, 0);
    }
    expect(mtus.get(addressB, 1)).toBe(1400);
  });

  for (const blackHole of [false, true]) {
    it(`is found by a connection ${blackHole ? 'when large packets vanish without a word' : 'from "packet too big"'}`, () => {
      const pair = createPair(5, { mtu: 1300, blackHole });
      let server: ReturnType<typeof drive> | undefined;
      pair.b.listen(80, (connection) => {
        server = drive(connection, { seed: 2, total: 50_000 }, 1, pair.dice);
        server.run();
      });
      const connection = pair.a.connect(addressB, 80);
      const client = drive(connection, { seed: 1, total: 50_000 }, 2, pair.dice);
      expect(pair.clock.run(() => connection.state === 'closed', 600_000)).toBe(true);
      expect(connection.error).toBeNull();
      expect([client.sink.received, server?.sink.received]).toEqual([50_000, 50_000]);
      expect(connection.tcb.mss).toBe((blackHole ? 1280 : 1300) - 60);
      // The first flight and little more was lost.
      expect(pair.ab.counts.lost).toBeLessThan(30);
    });
  }

  it('is not believed from who has not seen a packet of ours in flight', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(1000, [2, 4, 5, 0x3c]);
    connection.write(new Uint8Array(5000));
    const sent = peer.packets().at(-1) ?? new Uint8Array(0);
    const forged = sent.slice();
    new DataView(forged.buffer).setUint32(44, iss - 100_000);
    const tooBig = (quoted: Uint8Array) =>
      encodeIcmp(
        { source: router, destination: addressA, hopLimit: 64 },
        { type: 2, code: 0, word: 1290, body: quoted.subarray(0, QUOTE_LIMIT) },
      );
    const before = connection.tcb.mss;
    peer.stack.input([tooBig(forged)]);
    expect(connection.tcb.mss).toBe(before);
    peer.stack.input([tooBig(sent)]);
    expect(connection.tcb.mss).toBe(1290 - 60);
  });
});

describe('ICMPv6 errors about a connection', () => {
  const unreachable = (quoted: Uint8Array) =>
    encodeIcmp({ source: router, destination: addressA, hopLimit: 64 }, { type: 1, code: 0, word: 0, body: quoted });

  it('end one that is opening, and not one that is open', () => {
    const peer = new RawPeer();
    const opening = peer.stack.connect(addressB, PEER_PORT);
    peer.stack.input([unreachable(peer.packets()[0] ?? new Uint8Array(0))]);
    expect(opening.error).toMatchObject({ code: 'UNREACHABLE', data: { errno: 'EHOSTUNREACH' } });
    const { connection } = peer.open(1000);
    connection.write(new Uint8Array(10));
    peer.stack.input([unreachable(peer.packets().at(-1) ?? new Uint8Array(0))]);
    expect(connection.state).toBe('established');
  });
});

describe('a host', () => {
  it('answers ping; who is not there does not', async () => {
    const pair = createPair(3);
    const answer = pair.a.ping(addressB, { size: 500 });
    pair.clock.pass(100);
    expect(await answer).toMatchObject({ kind: 'reply', from: addressB, ms: 10 });
    pair.ab.filter = () => false;
    const failed = pair.a.ping(addressB, { timeout: 50 }).catch((error: unknown) => error);
    pair.clock.pass(100);
    expect(await failed).toMatchObject({ code: 'TIMED_OUT' });
    const stop = new AbortController();
    const stopped = pair.a.ping(addressB, { signal: stop.signal }).catch((error: unknown) => error);
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'CANCELLED' });
  });

  it('tells where a trace’s packet ran out of hops', async () => {
    const pair = createPair(3);
    pair.ab.filter = (packet) => {
      const error = encodeIcmp(
        { source: router, destination: addressA, hopLimit: 64 },
        { type: 3, code: 0, word: 0, body: packet.slice() },
      );
      pair.clock.setTimer(1, () => pair.a.input([error]));
      return false;
    };
    const answer = pair.a.ping(addressB, { hopLimit: 1 });
    pair.clock.pass(100);
    expect(await answer).toMatchObject({ kind: 'hop-limit', from: router });
  });

  it('passes datagrams, and says when nobody waits for them', () => {
    const pair = createPair(3);
    const got: unknown[] = [];
    const server = pair.b.bindUdp(53, (data, from, port) => {
      got.push([...data, port]);
      server.send(from, port, Uint8Array.of(9));
    });
    const client = pair.a.bindUdp(0, (data) => void got.push([...data]));
    client.send(addressB, 53, Uint8Array.of(1, 2));
    pair.clock.pass(100);
    expect(got).toEqual([[1, 2, client.port], [9]]);
    expect(() => client.send(addressB, 53, new Uint8Array(1400))).toThrow(/at most 1352/);
    expect(() => pair.a.bindUdp(client.port, () => {})).toThrow(/taken/);
    const before = pair.ba.counts.sent;
    client.send(addressB, 54, Uint8Array.of(1));
    pair.clock.pass(100);
    expect(pair.ba.counts.sent - before, 'port unreachable').toBe(1);
    server.close();
    client.close();
  });

  it('reaches itself, with nothing on the link', () => {
    const pair = createPair(4);
    let server: ReturnType<typeof drive> | undefined;
    pair.a.listen(80, (connection) => {
      server = drive(connection, { seed: 2, total: 100_000 }, 1, pair.dice);
      server.run();
    });
    const connection = pair.a.connect(addressA, 80);
    const client = drive(connection, { seed: 1, total: 100_000 }, 2, pair.dice);
    expect(pair.clock.run(() => connection.state === 'closed', 600_000)).toBe(true);
    expect([client.sink.received, server?.sink.received, pair.ab.counts.sent]).toEqual([100_000, 100_000, 0]);
  });

  it('drops what is for another, from nobody or from itself', () => {
    const pair = createPair(3);
    const echo = (source: string, destination: Uint8Array) =>
      encodeIcmp(
        { source: address(source), destination, hopLimit: 64 },
        { type: 128, code: 0, word: 1, body: new Uint8Array(4) },
      );
    pair.a.input([echo('500:b::2', addressB), echo('::', addressA), echo('::1', addressA), echo('ff02::1', addressA)]);
    expect(pair.a.counters).toEqual({ packetsIn: 4, packetsOut: 0, dropped: 4 });
  });
});

describe('a fault of the stack’s user', () => {
  it('does not keep the stack from serving others', async () => {
    const pair = createPair(3);
    const faults: unknown[] = [];
    const surfaced = (fault: unknown): void => void faults.push(fault);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', surfaced);
    pair.b.listen(80, () => {
      throw new Error('in accept');
    });
    let opened = 0;
    for (let i = 0; i < 3; i++) {
      const connection = pair.a.connect(addressB, 80);
      connection.onEvents = () => {
        opened++;
        throw new Error('in events');
      };
    }
    pair.clock.pass(100);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', surfaced);
    for (const listener of others) process.on('uncaughtException', listener);
    expect(opened).toBe(3);
    expect(faults).toHaveLength(6);
  });
});
