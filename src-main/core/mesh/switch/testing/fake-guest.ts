import { asBytes } from '#core/crypto/bytes.ts';
import { encodeFrame } from '../../netstack/ethernet/frame.ts';
import { encodeStreamFrame, StreamFramer } from '../../netstack/ethernet/stream-framing.ts';
import type { Connection, ConnectionHandler } from '../../node/transport.ts';
import type { Card } from '../card.ts';

/** A guest made of nothing but its cable: the test sees each packet that reaches it, and says each that it sends. */
export interface FakeGuest {
  readonly card: Card;
  /** IPv6 packets that reached it, without advertisements for the link. */
  readonly got: Uint8Array[];
  /** Packets of neighbor discovery that reached it. */
  readonly link: Uint8Array[];
  /** Send packets, all in one write. */
  send(...packets: Uint8Array[]): void;
  /** Send bytes as QEMU would, whatever they are. */
  raw(bytes: Uint8Array): void;
  readonly closed: boolean;
  /** The guest no longer takes what is sent to it. */
  stall(): void;
  readonly handler: ConnectionHandler;
}

const routerMac = Uint8Array.of(2, 0, 0, 0, 0, 1);

/** Join a guest with its place at the switch. @param onPacket called for each packet as it arrives */
export function joinGuest(card: Card, mac: Uint8Array, onPacket: (packet: Uint8Array) => void = () => {}): FakeGuest {
  const [got, link]: [Uint8Array[], Uint8Array[]] = [[], []];
  const framer = new StreamFramer();
  let closed = false;
  let stalled = false;
  let held = 0;
  const connection: Connection = {
    remote: 'test',
    local: '',
    staticCost: 0,
    write(bytes, done) {
      if (stalled) {
        held += bytes.length;
        return false;
      }
      for (const frame of framer.push(bytes) ?? []) {
        const packet = frame.slice(14);
        const type = packet[6] === 58 ? (packet[40] as number) : 0;
        if (type >= 133 && type <= 137) link.push(packet);
        else {
          got.push(packet);
          onPacket(packet);
        }
      }
      done();
      return true;
    },
    buffered: () => held,
    close: () => {
      if (closed) return;
      closed = true;
      handler.closed();
    },
  };
  const handler = card.plug(connection);
  const raw = (bytes: Uint8Array): void => handler.data(bytes, 0, bytes.length);
  return {
    card,
    got,
    link,
    handler,
    raw,
    send(...packets) {
      raw(asBytes(Buffer.concat(packets.map((packet) => encodeStreamFrame(encodeFrame(routerMac, mac, packet))))));
    },
    get closed() {
      return closed;
    },
    stall() {
      stalled = true;
    },
  };
}
