import { u16 } from '../ip/bytes.ts';
import { IPV6_HEADER } from '../ip/ipv6.ts';
import { ETHERNET_HEADER, ETHERTYPE_IPV6, encodeFrame, etherType } from './frame.ts';
import { neighborly, type RouterLink, routerAdvertisement } from './neighbor.ts';
import { encodeStreamFrame, StreamFramer } from './stream-framing.ts';

export interface GuestCableOptions {
  readonly router: RouterLink;
  /** The MAC that the guest's card was given: it is where its frames go, so nothing needs to be asked. */
  readonly guestMac: Uint8Array;
  /** Bytes for QEMU's socket. */
  readonly write: (bytes: Uint8Array) => void;
  /** Packets from the guest that came together, without Ethernet, without padding, neighbor discovery taken out. Lent. */
  readonly onPackets: (packets: Uint8Array[]) => void;
  /** The guest means to use an address. */
  readonly onClaim?: (address: Uint8Array) => void;
  /** A packet or frame from the guest was of a kind that is not carried. */
  readonly onLost?: (why: 'fragment' | 'malformed') => void;
}

/**
 * The cable to one virtual machine: bytes of QEMU's stream on one side, IPv6 packets on the other, with neighbor discovery ended here. Pure: the socket
 * is the caller's.
 */
export class GuestCable {
  readonly #options: GuestCableOptions;
  readonly #framer = new StreamFramer();

  constructor(options: GuestCableOptions) {
    this.#options = options;
  }

  /** Bytes from QEMU. @returns false when the stream is out of step: close it. */
  input(chunk: Uint8Array): boolean {
    const frames = this.#framer.push(chunk);
    if (frames === null) return false;
    const packets: Uint8Array[] = [];
    for (const frame of frames) {
      const packet = this.#packetOf(frame);
      if (packet !== null) packets.push(packet);
    }
    if (packets.length > 0) this.#options.onPackets(packets);
    return true;
  }

  /** A packet for the guest. */
  send(packet: Uint8Array): void {
    const { guestMac, router, write } = this.#options;
    write(encodeStreamFrame(encodeFrame(guestMac, router.mac, packet)));
  }

  /** Tell the guest the link's MTU and, where it is to make its own address, the prefix. Once when it is attached. */
  advertise(prefix: Uint8Array | null): void {
    this.send(routerAdvertisement(this.#options.router, prefix));
  }

  #packetOf(frame: Uint8Array): Uint8Array | null {
    const { onLost } = this.#options;
    if (etherType(frame) !== ETHERTYPE_IPV6) return null;
    const length = IPV6_HEADER + u16(frame, ETHERNET_HEADER + 4);
    if (ETHERNET_HEADER + length > frame.length) {
      onLost?.('malformed');
      return null;
    }
    const packet = frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + length);
    const verdict = neighborly(this.#options.router, packet);
    if (verdict.kind === 'packet') return packet;
    if (verdict.kind === 'answer') this.send(verdict.packet);
    else if (verdict.kind === 'claims') this.#options.onClaim?.(verdict.address);
    else if (verdict.lost !== undefined) onLost?.(verdict.lost);
    return null;
  }
}
