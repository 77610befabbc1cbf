import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { type Initiation, initiate, type StaticKeys, type TransportKeys } from './handshake.ts';
import { decodeIntro, encodeHandshake, encodeIntro, initHead, nonceBytes } from './wire.ts';

/* Our side of a handshake that we begin: hello, then init, each sent again until it is answered or given up. */

const label = utf8('hypha/mesh-session/1');

/** What a handshake is bound to beside the two keys: the protocol's name and the head of the init. */
export function prologueOf(greater: boolean, nonce: Uint8Array, cookie: Uint8Array): Uint8Array {
  return concatBytes(label, initHead(greater, nonce, cookie));
}

export interface AttemptStart {
  readonly self: StaticKeys;
  readonly peer: Uint8Array;
  /** Whether our public key is the greater one. */
  readonly greater: boolean;
  readonly random: (n: number) => Uint8Array;
  readonly retries: readonly number[];
  /** By which the peer shall address the session. */
  readonly index: number;
}

export interface Attempt {
  readonly index: number;
  readonly phase: 'hello' | 'init';
  /** When the hello left, or once there is one, the init. */
  readonly begun: number;
  /** What to send now. */
  readonly packet: Uint8Array;
  /** When to send it again, or give up. */
  readonly due: number;
  /** Whether the nonce is that of this handshake. */
  isNamed(nonce: Uint8Array): boolean;
  /** The peer begins as well, and its key is the greater: leave it to it for a while. */
  yieldUntil(at: number): void;
  /** A challenge came. @returns whether there is an init to send now */
  challenged(now: number, cookie: Uint8Array): boolean;
  /** The time is due. @returns false when it is to be given up */
  again(now: number): boolean;
  /** A response came. @returns null when it is not the peer's */
  answered(noise: Uint8Array): { readonly keys: TransportKeys; readonly remoteIndex: number } | null;
  wipe(): void;
}

export function createAttempt(start: AttemptStart, now: number): Attempt {
  const { self, peer, greater, random, retries, index } = start;
  const nonce = random(nonceBytes);
  let phase: Attempt['phase'] = 'hello';
  let begun = now;
  let packet = encodeHandshake({ kind: 'hello', greater, nonce });
  let sent = 1;
  let due = now + (retries[0] ?? 0);
  let yielding = Number.NEGATIVE_INFINITY;
  let initiation: Initiation | null = null;
  return {
    index,
    get phase() {
      return phase;
    },
    get begun() {
      return begun;
    },
    get packet() {
      return packet;
    },
    get due() {
      return due;
    },
    isNamed: (other) => other.length === nonceBytes && nonce.every((byte, i) => byte === other[i]),
    yieldUntil(at) {
      if (phase !== 'hello') return;
      yielding = at;
      due = Math.max(due, at);
    },
    challenged(time, cookie) {
      if (phase !== 'hello' || time < yielding) return false;
      const prologue = prologueOf(greater, nonce, cookie);
      initiation = initiate({ self, peer, prologue, random }, encodeIntro(index));
      if (initiation === null) return false;
      phase = 'init';
      begun = time;
      packet = encodeHandshake({ kind: 'init', greater, nonce, cookie, noise: initiation.message });
      sent = 1;
      due = time + (retries[0] ?? 0);
      return true;
    },
    again(time) {
      const wait = retries[sent];
      if (wait === undefined) return false;
      sent++;
      due = time + wait;
      return true;
    },
    answered(noise) {
      const result = initiation?.finish(noise) ?? null;
      if (result === null) return null;
      const remoteIndex = decodeIntro(result.payload);
      return remoteIndex === null ? null : { keys: result.keys, remoteIndex };
    },
    wipe: () => initiation?.wipe(),
  };
}
