import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../netstack/ip/address.ts';
import { isRight, pseudoSum, sumOf } from '../netstack/ip/checksum.ts';
import { address } from '../netstack/testing/pair.ts';
import { machineAddress, parseMac } from './place.ts';
import {
  createLan,
  faraway,
  icmp,
  lanMtu,
  macOf,
  nodeAddress,
  said,
  settled,
  stranger,
  tcp,
  udp,
} from './testing/lan.ts';

const text = formatAddress;
const [SYN, ACK] = [0x02, 0x10];

describe('a machine’s place', () => {
  it('is the EUI-64 of its card', () => {
    const mac = parseMac('52:54:00:00:00:01');
    expect(mac && text(machineAddress(address('400:1234:5678:9abc::'), mac))).toBe('400:1234:5678:9abc:5054:ff:fe00:1');
    expect(['52:54:00:00:00', '52:54:00:00:00:0g', '01:00:5e:00:00:01', ''].map(parseMac)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('is another for every card', () => {
    const macs = fc.uint8Array({ minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(macs, macs, (a, b) => {
        const [at, bt] = [text(machineAddress(nodeAddress, a)), text(machineAddress(nodeAddress, b))];
        expect(at === bt).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  it('is refused where the node or another machine has it, and free again afterwards', () => {
    const { lan } = createLan();
    lan.attach('a', { mac: macOf(1), rules: [] });
    expect(() => lan.attach('b', { mac: macOf(1), rules: [] })).toThrow(/address/);
    lan.detach('a');
    lan.attach('b', { mac: macOf(1), rules: [] });
    expect(text(lan.addressOf(macOf(1)))).toBe('4a1:2:3:4:5054:ff:fe00:1');
    // Attached once more (the machine was started anew), it is the same machine.
    expect(lan.attach('b', { mac: macOf(1), rules: [] })).toBe(lan.find('b'));
  });
});

describe('between machines of one computer', () => {
  it('nothing passes by itself, and who tried is told so', async () => {
    const { join } = createLan();
    const [a, b] = [join(1), join(2)];
    a.send(icmp({ source: a.card.address, destination: b.card.address }, 128));
    await settled();
    expect(b.got).toEqual([]);
    expect(a.got.map(said)).toEqual([[58, 1, 1, nodeAddress]]);
    expect(b.card.traffic().dropped).toEqual({ firewall: 1 });
  });

  it('what a rule opens passes, one hop further, and its answer comes back; both are counted', async () => {
    const { join } = createLan();
    const [a, b] = [join(1), join(2, ['udp/53 from 4a1:2:3:4::/64'])];
    const question = udp({ source: a.card.address, destination: b.card.address }, 5000, 53, 100);
    a.send(question);
    await settled();
    expect(b.got.map((packet) => packet[7])).toEqual([63]);
    expect(b.got[0]?.slice(8)).toEqual(question.slice(8));
    b.send(udp({ source: b.card.address, destination: a.card.address }, 53, 5000, 20));
    await settled();
    expect(a.got.map((packet) => packet.length)).toEqual([68]);
    expect(a.card.traffic()).toEqual({
      sent: { packets: 1, bytes: 148 },
      received: { packets: 1, bytes: 68 },
      dropped: {},
    });
    expect(b.card.traffic()).toEqual({
      sent: { packets: 1, bytes: 68 },
      received: { packets: 1, bytes: 148 },
      dropped: {},
    });
  });

  it('a rule may be given and taken while they run', async () => {
    const { join } = createLan();
    const [a, b] = [join(1), join(2)];
    const knock = () => a.send(tcp({ source: a.card.address, destination: b.card.address }, 5000, 22, SYN));
    b.card.firewall.setRules(['tcp/22']);
    knock();
    b.card.firewall.setRules([]);
    knock();
    await settled();
    expect(b.got).toHaveLength(1);
  });
});

describe('to and from the mesh', () => {
  it('a machine’s packets go out as they are, and answers come in', async () => {
    const { lan, join, toMesh } = createLan();
    const a = join(1);
    const question = icmp({ source: a.card.address, destination: faraway }, 128, 0x0007_0001);
    a.send(question);
    expect(toMesh).toEqual([question]);
    lan.route(icmp({ source: faraway, destination: a.card.address }, 129, 0x0007_0001), 'mesh');
    lan.route(icmp({ source: stranger, destination: a.card.address }, 129, 0x0007_0001), 'mesh');
    await settled();
    expect(a.got.map((packet) => [packet[40], packet[7]])).toEqual([[129, 63]]);
  });

  it('whoever is kept out is told, as is who asks for nobody', () => {
    const { lan, join, toMesh } = createLan();
    const a = join(1);
    lan.route(tcp({ source: faraway, destination: a.card.address }, 9, 22, SYN), 'mesh');
    lan.route(tcp({ source: faraway, destination: lan.addressOf(macOf(9)) }, 9, 22, SYN), 'mesh');
    expect(toMesh.map(said)).toEqual([
      [58, 1, 1, nodeAddress],
      [58, 1, 3, nodeAddress],
    ]);
    const error = toMesh[0] ?? new Uint8Array(0);
    expect(isRight(pseudoSum(error, 8, error.length - 40, 58) + sumOf(error, 40, error.length - 40))).toBe(true);
  });

  it('packets for the node itself go to its stack; the machine’s owner may always speak to it', async () => {
    const { lan, join, toStack, toMesh } = createLan();
    const a = join(1);
    a.send(
      icmp({ source: a.card.address, destination: nodeAddress }, 128),
      udp({ source: a.card.address, destination: nodeAddress }, 1, 2),
    );
    expect(toStack).toHaveLength(2);
    lan.route(icmp({ source: faraway, destination: nodeAddress }, 128), 'mesh');
    expect(toStack).toHaveLength(3);
    lan.route(tcp({ source: nodeAddress, destination: a.card.address }, 5000, 22, SYN), 'stack');
    await settled();
    expect(a.got).toHaveLength(1);
    a.send(tcp({ source: a.card.address, destination: nodeAddress }, 22, 5000, SYN | ACK));
    expect(toStack).toHaveLength(4);
    // Told afterwards, because the stack is in the middle of sending.
    lan.route(tcp({ source: nodeAddress, destination: lan.addressOf(macOf(9)) }, 5000, 22, SYN), 'stack');
    expect(toStack).toHaveLength(4);
    await settled();
    expect(said(toStack[4])).toEqual([58, 1, 3, nodeAddress]);
    expect(toMesh).toEqual([]);
  });

  it('what is too big is answered with the MTU, either way', async () => {
    const { lan, join, toMesh } = createLan();
    const a = join(1, ['udp/53']);
    a.send(
      udp({ source: a.card.address, destination: faraway }, 1, 2, lanMtu - 48),
      udp({ source: a.card.address, destination: faraway }, 1, 2, lanMtu - 47),
    );
    expect(toMesh).toHaveLength(1);
    lan.route(udp({ source: faraway, destination: a.card.address }, 1, 53, lanMtu - 47), 'mesh');
    await settled();
    for (const told of [a.got[0], toMesh[1]]) {
      expect(said(told)).toEqual([58, 2, 0, nodeAddress]);
      expect(told && Buffer.from(told).readUInt32BE(44)).toBe(lanMtu);
    }
    expect(a.card.traffic().dropped).toEqual({ 'too-big': 2 });
  });

  it('what has no hop left ends here, and traces show this node', async () => {
    const { lan, join, toMesh } = createLan();
    const a = join(1, ['icmp']);
    a.send(icmp({ source: a.card.address, destination: faraway, hopLimit: 1 }, 128));
    lan.route(icmp({ source: faraway, destination: a.card.address, hopLimit: 1 }, 128), 'mesh');
    await settled();
    expect(said(a.got[0])).toEqual([58, 3, 0, nodeAddress]);
    expect(said(toMesh[0])).toEqual([58, 3, 0, nodeAddress]);
  });

  it('what the mesh does not carry is told to the machine, at once or by a router later', async () => {
    const rig = createLan();
    const { lan, join } = rig;
    const a = join(1);
    a.send(udp({ source: a.card.address, destination: address('2001:db8::1') }, 1, 2));
    rig.meshAnswers = new Uint8Array(60);
    const payload = udp({ source: a.card.address, destination: faraway }, 1, 2);
    a.send(payload);
    const lost = { kind: { type: 3, code: 0 }, type: 'ipv6', destination: faraway, payload, router: stranger } as const;
    expect(lan.undelivered(lost)).toBe(true);
    expect(lan.undelivered({ ...lost, type: 'message' })).toBe(false);
    expect(lan.undelivered({ ...lost, payload: udp({ source: nodeAddress, destination: faraway }, 1, 2) })).toBe(false);
    await settled();
    expect(a.got.map(said)).toEqual([
      [58, 1, 0, nodeAddress],
      [58, 1, 0, nodeAddress],
      [58, 3, 0, stranger],
    ]);
  });

  it('packets of the mesh for others do not pass through', () => {
    const { lan, toMesh, toStack } = createLan();
    lan.route(udp({ source: faraway, destination: stranger }, 1, 2), 'mesh');
    expect([toMesh, toStack]).toEqual([[], []]);
  });
});

describe('on the cable', () => {
  it('a guest is told the MTU, the /64 and the way to the mesh, when it is joined and when it asks', async () => {
    const { join } = createLan();
    const a = join(1);
    a.send(icmp({ source: address('fe80::5'), destination: address('ff02::2'), hopLimit: 255 }, 133));
    await settled();
    expect(a.link).toHaveLength(2);
    for (const packet of a.link) {
      const told = Buffer.from(packet).toString('hex');
      expect(packet[40]).toBe(134);
      expect(told).toContain('0501000000000578');
      expect(told).toContain('03044040ffffffffffffffff0000000004a10002000300040000000000000000');
      expect(told).toContain('18020700ffffffff0400000000000000');
    }
  });

  it('a guest that would take another address than its own hears that it is taken', async () => {
    const { join } = createLan();
    const a = join(1);
    const claim = (target: Uint8Array): Uint8Array => {
      const ends = { source: address('::'), destination: address('ff02::1:ff00:1'), hopLimit: 255 };
      return icmp(ends, 135, 0, target);
    };
    a.send(claim(a.card.address), claim(address('fe80::99')));
    await settled();
    expect(a.link).toHaveLength(1);
    const privately = address('4a1:2:3:4:1:2:3:4');
    a.send(claim(privately), claim(nodeAddress));
    await settled();
    expect(a.link.slice(1).map((packet) => [packet[40], text(packet.slice(48, 64))])).toEqual([
      [136, text(privately)],
      [136, text(nodeAddress)],
    ]);
    for (let i = 0; i < 1_000; i++) a.send(claim(privately));
    await settled();
    expect(a.link.length).toBeLessThan(20);
  });

  it('a machine keeps place, rules and count while its cable is changed', async () => {
    const { lan, join } = createLan();
    const first = join(1, ['udp/53']);
    lan.route(udp({ source: faraway, destination: first.card.address }, 1, 53), 'mesh');
    first.handler.closed();
    expect(first.card.plugged).toBe(false);
    lan.route(udp({ source: faraway, destination: first.card.address }, 1, 53), 'mesh');
    expect(first.card.traffic()).toMatchObject({ received: { packets: 1 }, dropped: { queue: 1 } });
    const { joinGuest } = await import('./testing/fake-guest.ts');
    const again = joinGuest(first.card, macOf(1));
    lan.route(udp({ source: faraway, destination: first.card.address }, 1, 53), 'mesh');
    await settled();
    expect(again.got).toHaveLength(1);
    lan.detach('m1');
    expect(again.closed).toBe(true);
  });
});
