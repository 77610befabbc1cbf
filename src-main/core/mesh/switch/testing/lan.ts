import { encodeIcmp } from '../../netstack/ip/icmpv6.ts';
import { encodeIpv6 } from '../../netstack/ip/ipv6.ts';
import { encodeUdp } from '../../netstack/ip/udp.ts';
import { address } from '../../netstack/testing/pair.ts';
import { subnetOf } from '../../wire/prefix.ts';
import { createSwitch, type Switch } from '../switch.ts';
import { type FakeGuest, joinGuest } from './fake-guest.ts';

export const nodeAddress = address('4a1:2:3:4:aaaa:bbbb:cccc:dddd');
/** A host on another node. */
export const faraway = address('5b1:2:3:4::7');
export const stranger = address('5c1:2:3:4::7');
export const lanMtu = 1400;

export const macOf = (n: number): Uint8Array => Uint8Array.of(0x52, 0x54, 0, 0, 0, n);

/** A switch whose mesh and own stack are lists. */
export interface Lan {
  readonly lan: Switch;
  readonly toMesh: Uint8Array[];
  readonly toStack: Uint8Array[];
  /** What the mesh answers to a packet. */
  meshAnswers: Uint8Array | null;
  now: number;
  /** Machine `n` with a guest in it. */
  join(n: number, rules?: readonly string[]): FakeGuest;
}

export function createLan(): Lan {
  const toMesh: Uint8Array[] = [];
  const toStack: Uint8Array[] = [];
  const self = { address: nodeAddress, subnet: subnetOf(nodeAddress) };
  const rig: Lan = {
    lan: createSwitch({
      self,
      mtu: lanMtu,
      clock: () => rig.now,
      toMesh(packet) {
        if (rig.meshAnswers !== null) return rig.meshAnswers;
        toMesh.push(packet.slice());
        return null;
      },
      toStack: (packets) => void toStack.push(...packets.map((packet) => packet.slice())),
    }),
    toMesh,
    toStack,
    meshAnswers: null,
    now: 1_000,
    join: (n, rules = []) => joinGuest(rig.lan.attach(`m${n}`, { mac: macOf(n), rules }), macOf(n)),
  };
  return rig;
}

/** What the switch has queued reaches guests once a turn of the event loop. */
export const settled = (): Promise<void> => new Promise((done) => setImmediate(() => setImmediate(done)));

type Ends = { readonly source: Uint8Array; readonly destination: Uint8Array; readonly hopLimit?: number };

export const udp = (ends: Ends, sourcePort: number, destinationPort: number, size = 8): Uint8Array =>
  encodeUdp({ hopLimit: 64, ...ends }, { sourcePort, destinationPort, data: new Uint8Array(size) });

/** TCP with nothing but ports and flags: what a firewall looks at. */
export function tcp(ends: Ends, sourcePort: number, destinationPort: number, flags: number): Uint8Array {
  const packet = new Uint8Array(60);
  const head = { trafficClass: 0, flowLabel: 0, payloadLength: 20, nextHeader: 6, hopLimit: 64 };
  encodeIpv6(packet, 0, { ...head, ...ends });
  packet.set([sourcePort >> 8, sourcePort, destinationPort >> 8, destinationPort], 40);
  packet.set([0x50, flags], 52);
  return packet;
}

export const icmp = (ends: Ends, type: number, word = 0, body: Uint8Array = new Uint8Array(8), code = 0): Uint8Array =>
  encodeIcmp({ hopLimit: 64, ...ends }, { type, code, word, body });

/** Type and code of an ICMPv6 packet, and who says it. */
export const said = (packet: Uint8Array | undefined): unknown =>
  packet === undefined ? undefined : [packet[6], packet[40], packet[41], packet.slice(8, 24)];
