import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { systemRandom } from '#core/crypto/random.ts';
import { addressOf } from '#core/mesh/identity/address.ts';
import { decodeControl, encodeControl } from '#core/mesh/wire/control.ts';
import { createFrameReader } from '#core/mesh/wire/frame-reader.ts';
import { subnetOf } from '#core/mesh/wire/prefix.ts';
import { createRouterId } from '#core/mesh/wire/router-id.ts';

/*
 * The least that can be a neighbour of a mesh node: it announces subnets, answers each Hello, and counts packets it cannot
 * open. What it costs is not what is measured.
 */

/** All raw peers of a process read into it, one after the other. */
const shared = new Uint8Array(1024 * 1024);

export interface RawPeer {
  readonly socket: Socket;
  /** 16 bytes, in the first of the subnets announced. */
  readonly address: Uint8Array;
  /** Bytes that came. */
  received(): number;
}

export interface RawPeerOptions {
  /** Subnets to announce. */
  readonly subnets?: number;
  /** A whole data packet. */
  readonly data?: (bytes: Uint8Array, at: number, length: number) => void;
  /** Read nothing, so that the other side can write only as much as the system holds. */
  readonly deaf?: boolean;
}

/** Dial a node on loopback and be its peer. */
export async function dialRaw(port: number, options: RawPeerOptions = {}): Promise<RawPeer> {
  const { subnets = 1, data = () => {}, deaf = false } = options;
  let received = 0;
  const answer = encodeControl({ type: 'ihu', rxCost: 10, interval: 6000 });
  const reader = createFrameReader({
    data,
    control(bytes, at, length) {
      // Looked at before it is decoded: of a thousand updates one is a Hello.
      if (bytes[at + 8] !== 4) return;
      for (const { type } of decodeControl(bytes.subarray(at, at + length))) if (type === 'hello') socket.write(answer);
    },
  });
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        received += length;
        reader.push(shared, 0, length);
        return true;
      },
    },
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (deaf) socket.pause();
  let address: Uint8Array | null = null;
  const updates: Uint8Array[] = [];
  for (let i = 0; i < subnets; i++) {
    const key = systemRandom(32);
    const here = addressOf(key);
    address ??= here;
    const routerId = createRouterId(key, systemRandom(6));
    const prefix = subnetOf(here);
    updates.push(encodeControl({ type: 'update', prefix, interval: 30_000, seqno: 0, metric: 0, routerId }));
  }
  socket.write(Buffer.concat([encodeControl({ type: 'hello', seqno: 0, interval: 2000 }), ...updates]));
  return { socket, address: address ?? new Uint8Array(16), received: () => received };
}
