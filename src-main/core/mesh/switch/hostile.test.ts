import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../netstack/ethernet/frame.ts';
import { encodeStreamFrame } from '../netstack/ethernet/stream-framing.ts';
import { address } from '../netstack/testing/pair.ts';
import { createLan, faraway, icmp, lanMtu, macOf, nodeAddress, settled, stranger, tcp, udp } from './testing/lan.ts';

const SYN = 0x02;

/** Guests may be anybody's: whatever one does costs itself, and neither the others nor the node. */
describe('a hostile guest', () => {
  it('speaks for nobody else', async () => {
    const { join, toMesh, toStack } = createLan();
    const [a, b] = [join(1), join(2, ['udp/53', 'icmp'])];
    const sources = [
      nodeAddress,
      b.card.address,
      faraway,
      address('::'),
      address('::1'),
      address('fe80::1'),
      address('ff02::1'),
      address('2001:db8::1'),
    ];
    for (const source of sources) {
      for (const destination of [b.card.address, nodeAddress, faraway]) a.send(udp({ source, destination }, 1, 53));
    }
    await settled();
    expect([b.got, toMesh, toStack]).toEqual([[], [], []]);
    expect(a.card.traffic()).toMatchObject({ sent: { packets: 0 }, dropped: { spoofed: sources.length * 3 } });
    // Nor does it hear of it: an answer would go to the one it pretended to be.
    expect(a.got).toEqual([]);
  });

  it('is no router, and answers for no neighbour', async () => {
    const { join, toMesh, toStack } = createLan();
    const [a, b] = [join(1), join(2, ['icmp'])];
    await settled();
    const told = [a.link.length, b.link.length];
    for (const type of [134, 136, 137, 130, 131, 132, 143, 138, 148]) {
      for (const destination of [address('ff02::1'), address('fe80::1'), b.card.address, nodeAddress, faraway]) {
        for (const hopLimit of [255, 64]) {
          for (const source of [a.card.address, address('fe80::1')]) {
            a.send(icmp({ source, destination, hopLimit }, type, 0x4000_0708, new Uint8Array(40)));
          }
        }
      }
    }
    // A question for another's address gets no answer either.
    a.send(
      icmp({ source: a.card.address, destination: address('ff02::1:ff00:2'), hopLimit: 255 }, 135, 0, b.card.address),
    );
    await settled();
    expect([a.link.length, b.link.length]).toEqual(told);
    expect([b.got, toMesh, toStack]).toEqual([[], [], []]);
  });

  it('gets nothing past by extension headers, fragments, jumbograms or lengths that lie', async () => {
    const { join, toMesh } = createLan();
    const [a, b] = [join(1), join(2, ['any'])];
    const ends = { source: a.card.address, destination: b.card.address };
    /** A packet with a header of 8 bytes put before what it carries. */
    const extended = (next: number, header: number[], packet = udp(ends, 1, 2)): Uint8Array => {
      const out = Uint8Array.from([...packet.subarray(0, 40), packet[6] as number, ...header, ...packet.subarray(40)]);
      out[6] = next;
      out[5] = (out[5] as number) + 8;
      return out;
    };
    a.send(extended(44, [0, 0, 1, 0, 0, 0, 9]), extended(44, [0, 0, 8, 0, 0, 0, 9]));
    a.send(
      extended(43, [0, 0, 1, 0, 0, 0, 0]),
      extended(0, [0, 0xc2, 4, 0, 1, 0, 0]),
      extended(60, [0, 0x42, 9, 0, 0, 0, 0]),
    );
    a.send(
      extended(0, [9, 1, 4, 0, 0, 0, 0]),
      extended(132, [0, 0, 0, 0, 0, 0, 0]),
      extended(4, [0, 0, 0, 0, 0, 0, 0]),
    );
    const lies = udp(ends, 1, 2);
    lies[4] = 0xff;
    a.send(lies, lies.subarray(0, 39), new Uint8Array(0), Uint8Array.of(0x45, ...new Uint8Array(60)));
    const cut = udp(ends, 1, 2).subarray(0, 44);
    cut[5] = 4;
    a.send(cut);
    await settled();
    expect(b.got).toEqual([]);
    expect(toMesh).toEqual([]);
    const { dropped } = a.card.traffic();
    expect(dropped.fragment).toBe(2);
    expect(dropped.unsupported).toBeGreaterThanOrEqual(3);
    expect(dropped.malformed).toBeGreaterThanOrEqual(4);
    // Padding behind the end of a packet does not travel; harmless headers do.
    const whole = udp(ends, 1, 2);
    a.raw(
      encodeStreamFrame(Uint8Array.from([...encodeFrame(new Uint8Array(6), macOf(1), whole), ...new Uint8Array(99)])),
    );
    a.send(extended(60, [0, 1, 4, 0, 0, 0, 0]), extended(44, [0, 0, 0, 0, 0, 0, 9]));
    await settled();
    expect(b.got.map((packet) => packet.length)).toEqual([whole.length, whole.length + 8, whole.length + 8]);
  });

  it('whose stream is out of step is cut off, and nobody else', async () => {
    const { lan, join } = createLan();
    const [a, b] = [join(1), join(2, ['udp/53'])];
    a.raw(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3));
    expect([a.closed, b.closed]).toEqual([true, false]);
    a.raw(Uint8Array.of(1, 2, 3));
    lan.route(udp({ source: faraway, destination: b.card.address }, 1, 53), 'mesh');
    await settled();
    expect(b.got).toHaveLength(1);
  });

  it('that floods another fills the other’s queue and no more, and what comes from elsewhere is served again at once', async () => {
    const { lan, join } = createLan();
    const [a, b, c] = [join(1), join(2, ['udp/53']), join(3, ['udp/53'])];
    b.stall();
    const packet = udp({ source: a.card.address, destination: b.card.address }, 1, 53, lanMtu - 48);
    for (let i = 0; i < 100; i++) {
      a.send(...Array.from({ length: 20 }, () => packet.slice()));
      if (i % 10 === 0) await settled();
    }
    const { received, dropped } = b.card.traffic();
    expect(received.packets + (dropped.queue ?? 0)).toBe(2_000);
    expect(received.bytes).toBeLessThan(600_000);
    lan.route(udp({ source: faraway, destination: c.card.address }, 1, 53), 'mesh');
    await settled();
    expect(c.got).toHaveLength(1);
  });

  it('that knocks everywhere is told so a hundred times, not a million, and makes few searches for routes', async () => {
    const rig = createLan();
    const { join, toMesh } = rig;
    const a = join(1);
    for (let i = 0; i < 20_000; i++) {
      const destination = faraway.slice();
      destination.set([i >> 8, i], 4);
      a.send(tcp({ source: a.card.address, destination }, 1, 80, SYN));
    }
    expect(toMesh).toHaveLength(100);
    expect(a.card.firewall.flows).toBeLessThanOrEqual(4_096);
    for (let i = 0; i < 2_000; i++) a.send(udp({ source: a.card.address, destination: address('2001:db8::1') }, 1, 2));
    await settled();
    expect(a.got).toHaveLength(100);
    rig.now += 1_000;
    a.send(udp({ source: a.card.address, destination: stranger }, 1, 2));
    expect(toMesh).toHaveLength(101);
  });

  it('starts no row of errors about errors', async () => {
    const { lan, join, toMesh } = createLan();
    const a = join(1);
    a.send(icmp({ source: a.card.address, destination: address('2001:db8::1') }, 1, 0, new Uint8Array(60)));
    lan.route(icmp({ source: faraway, destination: a.card.address }, 1, 0, new Uint8Array(60)), 'mesh');
    lan.route(icmp({ source: faraway, destination: lan.addressOf(macOf(9)) }, 3, 0, new Uint8Array(60)), 'mesh');
    await settled();
    expect([a.got, toMesh]).toEqual([[], []]);
  });

  it('of any bytes does no harm', async () => {
    const { lan, join } = createLan();
    const [a, b] = [join(1, ['any']), join(2, ['any'])];
    const head = fc.constantFrom(6, 17, 58, 0, 43, 44, 60, 59, 132);
    const body = fc.uint8Array({ maxLength: 120 });
    const to = fc.constantFrom(
      b.card.address,
      nodeAddress,
      faraway,
      address('ff02::2'),
      address('fe80::1'),
      a.card.address,
    );
    fc.assert(
      fc.property(head, body, to, fc.nat(255), fc.nat(200), (next, bytes, destination, hops, length) => {
        const packet = new Uint8Array(40 + bytes.length);
        packet.set([0x60, 0, 0, 0, 0, length % 2 === 0 ? bytes.length : length, next, hops]);
        packet.set(a.card.address, 8);
        packet.set(destination, 24);
        packet.set(bytes, 40);
        a.send(packet);
        lan.route(packet, 'mesh');
        lan.route(packet, 'stack');
        lan.undelivered({ kind: { type: 1, code: 0 }, type: 'ipv6', destination, payload: packet, router: null });
        lan.route(bytes, 'mesh');
      }),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { join: joinAnother } = createLan();
        joinAnother(1).raw(bytes);
      }),
      { numRuns: 500 },
    );
    await settled();
    lan.route(udp({ source: faraway, destination: b.card.address }, 1, 53), 'mesh');
    await settled();
    expect(b.got.at(-1)?.slice(8, 24)).toEqual(faraway);
  });
});
