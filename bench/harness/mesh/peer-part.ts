import { performance } from 'node:perf_hooks';
import { systemRandom } from '#core/crypto/random.ts';
import { addressOf } from '#core/mesh/identity/address.ts';
import { encodeControl } from '#core/mesh/wire/control.ts';
import { encodeDataPacket, sourceAt } from '#core/mesh/wire/packet.ts';
import { subnetOf } from '#core/mesh/wire/prefix.ts';
import { createRouterId } from '#core/mesh/wire/router-id.ts';
import { servePart, usage } from './part.ts';
import { dialRaw, type RawPeer } from './raw-peer.ts';

/*
 * Either end of a relay that is measured: raw peers, which send packets they need not seal and count those that come. The
 * sender keeps at most a window on the way, which the receiver's answers open again, as the TCP inside a real tunnel would:
 * without that a sender on loopback only measures how much a relay throws away.
 */

const batchBytes = 256 * 1024;
const windowBytes = 1_800_000;
const answerEvery = 128;
/** Without an answer for so long, packets are lost. */
const stallMs = 10_000;

let peer: RawPeer | null = null;
/** What the peer does with a packet that came. */
let take: (bytes: Uint8Array, at: number, length: number) => void = () => {};

function self(): RawPeer {
  if (peer === null) throw new Error('Not connected.');
  return peer;
}

/** A packet as it goes over the wire; the relay opens nothing, so any body will do. */
function packet(destination: Uint8Array, bodyBytes: number): Uint8Array {
  return encodeDataPacket({ hopLimit: 64, source: self().address, destination, body: systemRandom(bodyBytes) });
}

const methods = {
  async connect(port: number): Promise<Uint8Array> {
    peer?.socket.destroy();
    peer = await dialRaw(port, { data: (bytes, at, length) => take(bytes, at, length) });
    return peer.address;
  },
  usage,
  /** Count packets and answer their sender. */
  absorb(total: number): void {
    let got = 0;
    take = (bytes, at) => {
      got++;
      if (got % answerEvery !== 0 && got !== total) return;
      const source = bytes.slice(at + sourceAt, at + sourceAt + 16);
      const body = new Uint8Array(60);
      new DataView(body.buffer).setUint32(0, got);
      self().socket.write(encodeDataPacket({ hopLimit: 64, source: self().address, destination: source, body }));
    };
  },
  /**
   * What a neighbour that means harm does, every 10 ms until the process ends: packets to nobody, packets to the node that no
   * key opens, and ever new metrics of the same thousand routes.
   */
  pester(node: Uint8Array): void {
    const keys = Array.from({ length: 1000 }, () => systemRandom(32));
    const routes = keys.map((key) => ({
      prefix: subnetOf(addressOf(key)),
      routerId: createRouterId(key, systemRandom(6)),
    }));
    const { socket, address } = self();
    let turn = 0;
    setInterval(() => {
      if (socket.writableLength > 1_000_000) return;
      const out: Uint8Array[] = [];
      for (let i = 0; i < 20; i++) {
        const nobody = addressOf(systemRandom(32));
        out.push(encodeDataPacket({ hopLimit: 9, source: address, destination: nobody, body: systemRandom(100) }));
        out.push(encodeDataPacket({ hopLimit: 9, source: address, destination: node, body: systemRandom(1000) }));
        const route = routes[turn++ % routes.length];
        if (route === undefined) continue;
        const seqno = Math.floor(turn / routes.length) & 0xffff;
        const metric = turn % 7 === 0 ? 0xffff : (turn * 37) % 900;
        out.push(encodeControl({ type: 'update', ...route, interval: 30_000, seqno, metric }));
      }
      socket.write(Buffer.concat(out));
    }, 10);
  },
  /**
   * Send packets of `size` bytes and wait until the receiver has them all. Fails when no more come: the relay has dropped some.
   *
   * @returns seconds
   */
  async send(destination: Uint8Array, total: number, size: number): Promise<number> {
    const one = packet(destination, size - 40);
    const perBatch = Math.floor(batchBytes / size);
    const batch = Buffer.alloc(perBatch * size);
    for (let i = 0; i < perBatch; i++) batch.set(one, i * size);
    const began = performance.now();
    let sent = 0;
    await new Promise<void>((done, failed) => {
      let stalled: NodeJS.Timeout | undefined;
      const more = (acknowledged: number): void => {
        clearTimeout(stalled);
        stalled = setTimeout(() => failed(new Error('Packets were lost.')), stallMs);
        while (sent < total && (sent - acknowledged + perBatch) * size <= windowBytes) {
          const packets = Math.min(perBatch, total - sent);
          self().socket.write(packets === perBatch ? batch : batch.subarray(0, packets * size));
          sent += packets;
        }
        if (acknowledged !== total) return;
        clearTimeout(stalled);
        done();
      };
      take = (bytes, at) => more(new DataView(bytes.buffer, bytes.byteOffset + at + 40).getUint32(0));
      more(0);
    });
    return (performance.now() - began) / 1000;
  },
};

export type PeerPart = typeof methods;
servePart(methods);
