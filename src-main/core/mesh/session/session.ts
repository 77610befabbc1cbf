import { createPacketAead, type PacketAead } from '#core/crypto/packet-aead.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { TransportKeys } from './handshake.ts';
import { createReplayWindow, type ReplayWindow } from './replay-window.ts';
import { type DataHead, type DataType, dataHeadBytes, putDataHead, putDataNonce } from './wire.ts';

/** One pair of keys, with what was sent and received under them. */
export interface Session {
  /** By which the peer addresses it; unique among those with this peer. */
  readonly index: number;
  /** By which we address it. */
  readonly remoteIndex: number;
  /** Whether we began it. */
  readonly initiator: boolean;
  /** From when its age counts. */
  readonly since: number;
  sent(): number;
  /** Seal into `target`. @returns bytes: payload + `sessionOverhead` */
  seal(type: DataType, payload: Uint8Array, target: Uint8Array): number;
  /** @returns the payload, its own bytes; why not otherwise */
  open(head: DataHead, packet: Uint8Array): Uint8Array | 'replayed' | 'forged';
  /** Read a packet of ours again, which a router handed back. */
  openOwn(packet: Uint8Array): Uint8Array | null;
  /** Forget the keys. */
  erase(): void;
}

export interface SessionStart {
  readonly keys: TransportKeys;
  readonly index: number;
  /** By which we address it. */
  readonly remoteIndex: number;
  readonly initiator: boolean;
  readonly since: number;
}

/** @param start its keys are wiped: what is left of them are the key objects of node:crypto */
export function createSession(start: SessionStart): Session {
  let sender: PacketAead | null = createPacketAead(start.keys.send);
  let receiver: PacketAead | null = createPacketAead(start.keys.receive);
  wipe(start.keys.send, start.keys.receive);
  let window: ReplayWindow | null = createReplayWindow();
  let counter = 0;
  const nonce = new Uint8Array(12);
  const { index, remoteIndex, initiator, since } = start;
  return {
    index,
    remoteIndex,
    initiator,
    since,
    sent: () => counter,
    seal(type, payload, target) {
      if (sender === null) throw new Error('the keys of this session are erased');
      putDataHead(target, { type, index: remoteIndex, counter });
      putDataNonce(nonce, target);
      // Raised before anything can fail: a nonce is never used twice.
      counter++;
      return dataHeadBytes + sender.sealInto(nonce, payload, target, dataHeadBytes);
    },
    open(head, packet) {
      if (receiver === null || window === null) return 'forged';
      if (!window.fresh(head.counter)) return 'replayed';
      putDataNonce(nonce, packet);
      const payload = receiver.open(nonce, packet.subarray(dataHeadBytes));
      if (payload === null) return 'forged';
      window.note(head.counter);
      return payload;
    },
    openOwn(packet) {
      putDataNonce(nonce, packet);
      return sender?.open(nonce, packet.subarray(dataHeadBytes)) ?? null;
    },
    erase() {
      sender = null;
      receiver = null;
      window = null;
    },
  };
}
