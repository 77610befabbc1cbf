import { GuestCable } from '../netstack/ethernet/guest-cable.ts';
import { addressTaken, type RouterLink } from '../netstack/ethernet/neighbor.ts';
import { isLinkLocal, sameAddress } from '../netstack/ip/address.ts';
import { createBucket, type IcmpError, icmpErrorFor } from '../netstack/ip/icmp-errors.ts';
import { type BatchPool, createSendQueue, type SendQueue } from '../node/send-queue.ts';
import type { Connection, ConnectionHandler } from '../node/transport.ts';
import { Destinations } from './destinations.ts';
import { Firewall } from './firewall.ts';
import { createMeter, type Meter, type Traffic } from './traffic.ts';

/** Bytes that may wait for a machine: a TCP window of honest size, and little more than a tenth of a second of what a card takes. */
const queueBytes = 512 * 1024;
/** Room beyond that for what belongs to the link itself. */
const linkBytes = 16 * 1024;
/** ICMPv6 errors, and answers about claimed addresses, a second: RFC 4443 section 2.4 (f). */
const errorsPerSecond = 100;
const claimsPerSecond = 10;

export interface CardOptions {
  /** 6 and 16 bytes. */
  readonly mac: Uint8Array;
  readonly address: Uint8Array;
  readonly rules: readonly string[];
  readonly router: RouterLink;
  /** The node's own address: errors are told in its name. */
  readonly node: Uint8Array;
  readonly pool: BatchPool;
  readonly clock: () => number;
  /** Packets that the machine sent, not looked at yet; lent. */
  readonly onPackets: (card: Card, packets: readonly Uint8Array[]) => void;
}

/** One machine's place at the switch. It stays while the socket to QEMU comes and goes. */
export class Card {
  readonly address: Uint8Array;
  readonly firewall: Firewall;
  readonly destinations: Destinations;
  readonly meter: Meter = createMeter();
  readonly #options: CardOptions;
  readonly #errors = createBucket(errorsPerSecond, errorsPerSecond);
  readonly #claims = createBucket(claimsPerSecond, claimsPerSecond);
  #plugged: { readonly connection: Connection; readonly cable: GuestCable; readonly queue: SendQueue } | null = null;

  constructor(options: CardOptions) {
    this.#options = options;
    this.address = options.address.slice();
    this.firewall = new Firewall(options.rules, options.clock());
    this.destinations = new Destinations(options.clock());
  }

  get plugged(): boolean {
    return this.#plugged !== null;
  }

  traffic(): Traffic {
    return this.meter.read();
  }

  /** Join it with QEMU's socket. The one before, if there is one, is closed. */
  plug(connection: Connection): ConnectionHandler {
    this.unplug();
    const { router, mac, pool, onPackets } = this.#options;
    const limits = { data: queueBytes + linkBytes, control: linkBytes };
    const queue = createSendQueue(connection, pool, () => connection.close(), limits);
    const cable = new GuestCable({
      router,
      guestMac: mac,
      // What is written for the link itself (advertisements) may be lost as any frame may.
      write: (frame) => void queue.data(frame, 0, frame.length),
      onPackets: (packets) => onPackets(this, packets),
      onClaim: (address) => this.#claimed(address),
      onLost: (why) => this.meter.drop(why),
    });
    const plugged = { connection, cable, queue };
    this.#plugged = plugged;
    cable.advertise(router.prefix ?? null);
    return {
      data: (bytes, start, end) => {
        if (this.#plugged === plugged && !cable.input(bytes.subarray(start, end))) connection.close();
      },
      drained: () => queue.drained(),
      closed: () => {
        queue.stop();
        if (this.#plugged === plugged) this.#plugged = null;
      },
    };
  }

  unplug(): void {
    const was = this.#plugged;
    this.#plugged = null;
    was?.queue.stop();
    was?.connection.close();
  }

  /** A packet for the machine, judged already. */
  give(packet: Uint8Array): void {
    const plugged = this.#plugged;
    if (plugged === null || plugged.queue.backlog() + packet.length > queueBytes) {
      this.meter.drop('queue');
      return;
    }
    this.meter.received(packet.length);
    plugged.cable.send(packet);
  }

  /** Tell the machine what is wrong with a packet of its own. @param by the router that said so */
  refuse(packet: Uint8Array, error: IcmpError, by = this.#options.node): void {
    const answer = icmpErrorFor(packet, by, error);
    if (answer !== null && this.#errors.take(this.#options.clock())) this.give(answer);
  }

  /**
   * The guest means to use an address. Another than its own is taken, it is told: packets from it would be lost here, and a guest that knows does
   * not choose it (decision 0010).
   */
  #claimed(address: Uint8Array): void {
    if (isLinkLocal(address) || sameAddress(address, this.address)) return;
    if (this.#claims.take(this.#options.clock()))
      this.#plugged?.cable.send(addressTaken(this.#options.router, address));
  }
}
