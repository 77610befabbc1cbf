import type { Clock } from '../clock.ts';
import { encodeIcmp, icmpType, QUOTE_LIMIT } from '../ip/icmpv6.ts';
import type { Dice } from './random.ts';

/** What one direction of a link does to packets. Probabilities from 0 to 1. */
export interface LinkModel {
  /** One way, milliseconds; plus up to `jitter` more, evenly spread, which reorders. */
  readonly latency: number;
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  /** One bit of the packet is turned over. */
  readonly corrupt: number;
  /** A packet is held back by ten latencies: reordering of the hard kind. */
  readonly late: number;
  /** Bits a second; Infinity for none. Packets that find `queue` bytes waiting are dropped. */
  readonly bandwidth: number;
  readonly queue: number;
  /** Larger packets are dropped: with "packet too big", or in silence (a black hole). */
  readonly mtu: number;
  readonly blackHole: boolean;
}

export const perfectLink: LinkModel = {
  ...{ latency: 5, jitter: 0, loss: 0, duplicate: 0, corrupt: 0, late: 0 },
  ...{ bandwidth: Number.POSITIVE_INFINITY, queue: Number.POSITIVE_INFINITY, mtu: 65_535, blackHole: false },
};

/** One direction of a link. `deliver` gets packets of its own, later; `model` may be changed while it runs. */
export class LinkDirection {
  model: LinkModel;
  readonly counts = { sent: 0, lost: 0, delivered: 0 };
  /** Sees every packet before anything happens to it; false drops it. */
  filter: (packet: Uint8Array) => boolean = () => true;
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #deliver: (packet: Uint8Array) => void;
  readonly #back: (packet: Uint8Array) => void;
  #freeAt = 0;

  /** @param back where "packet too big" goes: to the sender. */
  constructor(
    model: Partial<LinkModel>,
    clock: Clock,
    dice: Dice,
    deliver: (packet: Uint8Array) => void,
    back: (packet: Uint8Array) => void,
  ) {
    this.model = { ...perfectLink, ...model };
    this.#clock = clock;
    this.#dice = dice;
    this.#deliver = deliver;
    this.#back = back;
  }

  send(lent: Uint8Array): void {
    const { model } = this;
    const dice = this.#dice;
    this.counts.sent++;
    if (!this.filter(lent)) return;
    const packet = lent.slice();
    if (packet.length > model.mtu) {
      this.counts.lost++;
      if (!model.blackHole) this.#tooBig(packet);
      return;
    }
    if (dice.chance(model.loss)) {
      this.counts.lost++;
      return;
    }
    const now = this.#clock.now();
    const waiting = Math.max(0, this.#freeAt - now);
    if ((waiting * model.bandwidth) / 8000 > model.queue) {
      this.counts.lost++;
      return;
    }
    this.#freeAt = Math.max(now, this.#freeAt) + (packet.length * 8000) / model.bandwidth;
    if (dice.chance(model.corrupt)) {
      const at = dice.below(packet.length);
      packet[at] = (packet[at] ?? 0) ^ (1 << dice.below(8));
    }
    this.#schedule(packet);
    if (dice.chance(model.duplicate)) this.#schedule(packet.slice());
  }

  #schedule(packet: Uint8Array): void {
    const { latency, jitter, late } = this.model;
    const held = this.#dice.chance(late) ? latency * 10 : 0;
    const delay = this.#freeAt - this.#clock.now() + latency + this.#dice.next() * jitter + held;
    this.#clock.setTimer(delay, () => {
      this.counts.delivered++;
      this.#deliver(packet);
    });
  }

  #tooBig(packet: Uint8Array): void {
    const source = new Uint8Array(16);
    source.set([0xfd, 0x00], 0);
    source[15] = 1;
    const message = { type: icmpType.tooBig, code: 0, word: this.model.mtu, body: packet.subarray(0, QUOTE_LIMIT) };
    const answer = encodeIcmp({ source, destination: packet.slice(8, 24), hopLimit: 64 }, message);
    this.#clock.setTimer(this.model.latency, () => this.#back(answer));
  }
}
