import type { Undelivered } from '../forward/ports.ts';
import { isOverlayAddress } from '../identity/address.ts';
import { sameAddress } from '../netstack/ip/address.ts';
import { equalAt, u16 } from '../netstack/ip/bytes.ts';
import { createBucket, type IcmpError, icmpErrorFor } from '../netstack/ip/icmp-errors.ts';
import { icmpType, unreachableCode } from '../netstack/ip/icmpv6.ts';
import { DESTINATION_AT, IPV6_HEADER, SOURCE_AT } from '../netstack/ip/ipv6.ts';
import { createBatchPool } from '../node/send-queue.ts';
import { contains, type Prefix } from '../wire/prefix.ts';
import { Card } from './card.ts';
import type { Verdict } from './firewall.ts';
import { factsOf } from './packet-facts.ts';
import { machineAddress, routerLink } from './place.ts';

export interface SwitchPorts {
  /** The node's own address and the /64 it answers for. */
  readonly self: { readonly address: Uint8Array; readonly subnet: Prefix };
  /** Largest packet that the mesh carries, IPv6 header included. */
  readonly mtu: number;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  /** Send a packet over the mesh; lent. @returns an ICMPv6 packet for its sender when it may not go out */
  readonly toMesh: (packet: Uint8Array) => Uint8Array | null;
  /** Packets for the node's own address; theirs to keep. Not called from within {@link Switch.route} of a packet from there. */
  readonly toStack: (packets: readonly Uint8Array[]) => void;
}

export interface MachineCard {
  /** 6 bytes, as given to the machine's card. */
  readonly mac: Uint8Array;
  /** Its openings, as the contract writes them. */
  readonly rules: readonly string[];
}

/** Packets between machines of this computer, the node itself and the mesh. Pure: sockets are the callers'. */
export interface Switch {
  /** Where a card with this MAC is, or would be. */
  addressOf(mac: Uint8Array): Uint8Array;
  /** Give a machine its place. @throws RangeError when its address is the node's own or another machine's */
  attach(machine: string, card: MachineCard): Card;
  detach(machine: string): void;
  find(machine: string): Card | undefined;
  /**
   * Carry an IPv6 packet for an address of the /64: from the mesh, whose source is proven to be of its sender's /64 and whose bytes are the
   * switch's from here on, or, lent, from the node's own IP stack.
   */
  route(packet: Uint8Array, from: 'mesh' | 'stack'): void;
  /** A packet could not be carried by the mesh: tell the machine that sent it. @returns false when it was not a machine's */
  undelivered(lost: Undelivered): boolean;
}

const unreachable = (code: number): IcmpError => ({ type: icmpType.unreachable, code });
const prohibited = unreachable(unreachableCode.prohibited);
const hopLimitExceeded: IcmpError = { type: icmpType.timeExceeded, code: 0 };
/** Errors told to senders on the mesh, a second and at once. */
const errorsPerSecond = 100;
/** Errors that wait to be told to the own stack. */
const mostForStack = 64;

export function createSwitch(ports: SwitchPorts): Switch {
  const { self, mtu, clock } = ports;
  const router = routerLink(self.subnet.bytes, mtu);
  const pool = createBatchPool(8);
  const cards = new Map<string, Card>();
  const byAddress = new Map<string, Card>();
  const meshErrors = createBucket(errorsPerSecond, errorsPerSecond);
  let forStack: Uint8Array[] = [];

  const tooBig: IcmpError = { type: icmpType.tooBig, code: 0, word: mtu };

  /** Tell whoever sent a packet from outside what became of it. */
  const refuse = (packet: Uint8Array, from: 'mesh' | 'stack', error: IcmpError): void => {
    const answer = icmpErrorFor(packet, self.address, error);
    if (answer === null) return;
    if (from === 'mesh') {
      if (meshErrors.take(clock())) ports.toMesh(answer);
      return;
    }
    // The stack is in the middle of sending: it hears of it afterwards.
    if (forStack.length >= mostForStack || forStack.push(answer) > 1) return;
    queueMicrotask(() => {
      const packets = forStack;
      forStack = [];
      ports.toStack(packets);
    });
  };

  /** Into a machine, from whomever. @param says how the sender is told that it does not pass */
  const into = (card: Card, packet: Uint8Array, owner: boolean, says: (error: IcmpError) => void): void => {
    const { meter } = card;
    const facts = factsOf(packet);
    if (typeof facts === 'string') {
      meter.drop(facts);
      return;
    }
    const verdict: Verdict = owner ? 'pass' : card.firewall.inbound(packet, facts, clock());
    if (verdict !== 'pass') {
      meter.drop(verdict);
      says(prohibited);
    } else if (packet.length > mtu) {
      meter.drop('too-big');
      says(tooBig);
    } else card.give(packet);
  };

  /** One hop further. @returns false when there is none left */
  const lowered = (packet: Uint8Array): boolean => {
    const hops = packet[7] as number;
    if (hops < 2) return false;
    packet[7] = hops - 1;
    return true;
  };

  /** One packet that a machine sent. @returns whether it is for the node's own stack */
  const fromMachine = (card: Card, packet: Uint8Array): boolean => {
    const { meter } = card;
    if (!equalAt(packet, SOURCE_AT, card.address, 0, 16)) {
      // Whoever that is, it is not who would hear an answer.
      meter.drop('spoofed');
      return false;
    }
    const facts = factsOf(packet);
    if (typeof facts === 'string') {
      meter.drop(facts);
      if (facts === 'unsupported') card.refuse(packet, prohibited);
      return false;
    }
    if (packet.length > mtu) {
      meter.drop('too-big');
      card.refuse(packet, tooBig);
      return false;
    }
    if (!isOverlayAddress(packet, DESTINATION_AT)) {
      meter.drop('unroutable');
      card.refuse(packet, unreachable(unreachableCode.noRoute));
      return false;
    }
    // The owner of the machine may begin to speak to it at any time: what it answers need not be known.
    if (equalAt(packet, DESTINATION_AT, self.address, 0, 16)) {
      meter.sent(packet.length);
      return true;
    }
    const now = clock();
    const verdict = card.firewall.outbound(packet, facts, now);
    if (verdict !== 'pass') {
      meter.drop(verdict);
      card.refuse(packet, prohibited);
      return false;
    }
    if (contains(self.subnet, packet, DESTINATION_AT)) {
      const other = byAddress.get(keyOf(packet, DESTINATION_AT));
      if (other === undefined || other === card) {
        meter.drop('unroutable');
        card.refuse(packet, unreachable(unreachableCode.address));
      } else if (!lowered(packet)) {
        meter.drop('hop-limit');
        card.refuse(packet, hopLimitExceeded);
      } else {
        meter.sent(packet.length);
        into(other, packet, false, (error) => card.refuse(packet, error));
      }
      return false;
    }
    if (!card.destinations.allows(packet, DESTINATION_AT, now)) {
      meter.drop('destinations');
      return false;
    }
    if ((packet[7] as number) < 2) {
      meter.drop('hop-limit');
      card.refuse(packet, hopLimitExceeded);
      return false;
    }
    const answer = ports.toMesh(packet);
    if (answer === null) meter.sent(packet.length);
    else {
      meter.drop('unroutable');
      card.refuse(packet, unreachable(unreachableCode.noRoute));
    }
    return false;
  };

  const detach = (machine: string): void => {
    const card = cards.get(machine);
    if (card === undefined) return;
    cards.delete(machine);
    byAddress.delete(keyOf(card.address, 0));
    card.unplug();
  };

  return {
    addressOf: (mac) => machineAddress(self.subnet.bytes, mac),
    attach(machine, { mac, rules }) {
      const address = machineAddress(self.subnet.bytes, mac);
      const key = keyOf(address, 0);
      const other = byAddress.get(key);
      if (sameAddress(address, self.address) || (other !== undefined && other !== cards.get(machine))) {
        throw new RangeError('another on this computer has this address');
      }
      detach(machine);
      const card = new Card({
        ...{ mac, address, rules, router, pool, clock, node: self.address },
        onPackets(of, packets) {
          const own = packets.filter((packet) => fromMachine(of, packet)).map((packet) => packet.slice());
          if (own.length > 0) ports.toStack(own);
        },
      });
      cards.set(machine, card);
      byAddress.set(key, card);
      return card;
    },
    detach,
    find: (machine) => cards.get(machine),
    route(whole, from) {
      // What came with it behind its end is not passed on.
      const packet = whole.subarray(0, IPV6_HEADER + u16(whole, 4));
      // The outer packet was for us; what is in it must be, too.
      if (packet.length < IPV6_HEADER || !contains(self.subnet, packet, DESTINATION_AT)) return;
      if (equalAt(packet, DESTINATION_AT, self.address, 0, 16)) {
        if (from === 'mesh') ports.toStack([packet]);
        return;
      }
      const says = (error: IcmpError): void => refuse(packet, from, error);
      const card = byAddress.get(keyOf(packet, DESTINATION_AT));
      if (card === undefined) says(unreachable(unreachableCode.address));
      else if (from === 'mesh' && !lowered(packet)) {
        card.meter.drop('hop-limit');
        says(hopLimitExceeded);
      } else {
        const owner = from === 'stack' && equalAt(packet, SOURCE_AT, self.address, 0, 16);
        into(card, packet, owner, says);
      }
    },
    undelivered(lost) {
      if (lost.type !== 'ipv6' || lost.payload.length < IPV6_HEADER) return false;
      const card = byAddress.get(keyOf(lost.payload, SOURCE_AT));
      if (card === undefined || !equalAt(lost.payload, SOURCE_AT, card.address, 0, 16)) return false;
      const { type, code } = lost.kind;
      if (type === icmpType.unreachable || type === icmpType.timeExceeded) {
        card.refuse(lost.payload, { type, code }, lost.router ?? undefined);
      }
      return true;
    },
  };
}

/** The lower half of an address: what tells the hosts of our /64 apart. */
const keyOf = (b: Uint8Array, at: number): string =>
  String.fromCharCode(u16(b, at + 8), u16(b, at + 10), u16(b, at + 12), u16(b, at + 14));
