import { aesGcmTagBytes } from '#core/crypto/aead.ts';
import { x25519, x25519PublicKey } from '#core/crypto/agree.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import {
  mlKem768Decapsulate,
  mlKem768Encapsulate,
  mlKem768Keys,
  mlKemCiphertextBytes,
  mlKemPublicKeyBytes,
  mlKemRandomBytes,
  mlKemSeedBytes,
} from '#core/crypto/ml-kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { createSymmetricState, type SymmetricState } from './symmetric-state.ts';

/*
 * Noise_KKhfs_25519+MLKEM768_AESGCM_SHA256: pattern KK of the Noise framework (revision 34) with the hybrid forward secrecy
 * of its extension "hfs" (the tokens e1 and ekem1, section 5 there), ML-KEM-768 as the KEM.
 *
 *   -> s
 *   <- s
 *   ...
 *   -> e, es, e1, ss
 *   <- e, ee, ekem1, se
 *
 * Message 1:   0   32  e, X25519
 *             32 1200  e1, an ML-KEM-768 public key, encrypted
 *           1232    n + 16  payload, encrypted
 * Message 2:   0   32  e
 *             32 1104  ekem1, an ML-KEM-768 ciphertext, encrypted
 *           1136    n + 16  payload, encrypted
 *
 * Why this pattern: docs/decisions/0011-mesh-sessions.md.
 */

const protocolName = 'Noise_KKhfs_25519+MLKEM768_AESGCM_SHA256';
const keyBytes = 32;
const sealedKemKeyBytes = mlKemPublicKeyBytes + aesGcmTagBytes;
const sealedCiphertextBytes = mlKemCiphertextBytes + aesGcmTagBytes;
const payloadAt = keyBytes + sealedKemKeyBytes;
const answerPayloadAt = keyBytes + sealedCiphertextBytes;

/** What a handshake message adds to its payload. */
export const firstMessageBytes = payloadAt + aesGcmTagBytes;
export const secondMessageBytes = answerPayloadAt + aesGcmTagBytes;

export interface StaticKeys {
  /** 32 bytes, X25519. */
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The keys of the two directions, seen from one side; 32 bytes each, the receiver's to wipe. */
export interface TransportKeys {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

export interface HandshakeStart {
  readonly self: StaticKeys;
  /** 32 bytes. */
  readonly peer: Uint8Array;
  /** What both know before and want to be sure to agree on. */
  readonly prologue: Uint8Array;
  readonly random: (n: number) => Uint8Array;
}

/** Our side of a handshake that we began. */
export interface Initiation {
  /** Message 1. */
  readonly message: Uint8Array;
  /**
   * Take message 2. What is not the peer's answer to this very message 1 gives null and changes nothing: the true one may
   * still come. After that one the secrets are gone, and everything gives null.
   */
  finish(message: Uint8Array): { readonly keys: TransportKeys; readonly payload: Uint8Array } | null;
  wipe(): void;
}

function begin(initiator: Uint8Array, responder: Uint8Array, prologue: Uint8Array): SymmetricState {
  const state = createSymmetricState(protocolName);
  state.mixHash(prologue);
  state.mixHash(initiator);
  state.mixHash(responder);
  return state;
}

/** @returns false for a public key of low order, which would leave the secret to be known by everybody */
function mixAgreed(state: SymmetricState, secret: Uint8Array, publicKey: Uint8Array): boolean {
  const shared = x25519(secret, publicKey);
  if (shared === null) return false;
  state.mixKey(shared);
  wipe(shared);
  return true;
}

/** Begin a handshake. @returns null when the peer's key is of low order */
export function initiate(start: HandshakeStart, payload: Uint8Array): Initiation | null {
  const { self, peer, random } = start;
  const ephemeral = random(keyBytes);
  const ephemeralPublic = x25519PublicKey(ephemeral);
  const seed = random(mlKemSeedBytes);
  const kem = mlKem768Keys(seed);
  wipe(seed);
  const state = begin(self.publicKey, peer, start.prologue);
  const forget = (): void => {
    wipe(ephemeral, kem.secret);
    state.wipe();
    over = true;
  };
  let over = false;
  state.mixHash(ephemeralPublic);
  // A key of low order fails at once; whoever holds it is known to everybody.
  if (!mixAgreed(state, ephemeral, peer)) {
    forget();
    return null;
  }
  const sealedKey = state.encryptAndHash(kem.publicKey);
  if (!mixAgreed(state, self.secret, peer)) {
    forget();
    return null;
  }
  const message = concatBytes(ephemeralPublic, sealedKey, state.encryptAndHash(payload));

  const attempt = (on: SymmetricState, answer: Uint8Array): { keys: TransportKeys; payload: Uint8Array } | null => {
    const theirs = answer.subarray(0, keyBytes);
    on.mixHash(theirs);
    if (!mixAgreed(on, ephemeral, theirs)) return null;
    const ciphertext = on.decryptAndHash(answer.subarray(keyBytes, answerPayloadAt));
    const secret = ciphertext === null ? null : mlKem768Decapsulate(kem.secret, ciphertext);
    if (secret === null) return null;
    on.mixKey(secret);
    wipe(secret);
    if (!mixAgreed(on, self.secret, theirs)) return null;
    const said = on.decryptAndHash(answer.subarray(answerPayloadAt));
    if (said === null) return null;
    const [send, receive] = on.split();
    return { keys: { send, receive }, payload: said };
  };

  return {
    message,
    finish(answer) {
      if (over || answer.length < secondMessageBytes) return null;
      const trial = state.copy();
      const result = attempt(trial, answer);
      trial.wipe();
      if (result !== null) forget();
      return result;
    },
    wipe: forget,
  };
}

/** Message 1, read: the peer's doing, as only it and we could have made it. */
export interface Invitation {
  readonly payload: Uint8Array;
  /** Make message 2, once; the keys are fresh for it. */
  answer(payload: Uint8Array): { readonly message: Uint8Array; readonly keys: TransportKeys } | null;
}

/** Read message 1. @returns null when it is not the peer's, or holds a key that is none */
export function receive(start: HandshakeStart, message: Uint8Array): Invitation | null {
  if (message.length < firstMessageBytes) return null;
  const { self, peer, random } = start;
  const state = begin(peer, self.publicKey, start.prologue);
  const theirs = message.slice(0, keyBytes);
  const read = (): { kemKey: Uint8Array; payload: Uint8Array } | null => {
    state.mixHash(theirs);
    if (!mixAgreed(state, self.secret, theirs)) return null;
    const kemKey = state.decryptAndHash(message.subarray(keyBytes, payloadAt));
    if (kemKey === null || !mixAgreed(state, self.secret, peer)) return null;
    const payload = state.decryptAndHash(message.subarray(payloadAt));
    return payload === null ? null : { kemKey, payload };
  };
  const said = read();
  if (said === null) {
    state.wipe();
    return null;
  }
  const { kemKey, payload } = said;
  return {
    payload,
    answer(answer) {
      const ephemeral = random(keyBytes);
      const ephemeralPublic = x25519PublicKey(ephemeral);
      state.mixHash(ephemeralPublic);
      const coins = random(mlKemRandomBytes);
      const agreed = mixAgreed(state, ephemeral, theirs);
      const made = agreed ? mlKem768Encapsulate(kemKey, coins) : null;
      wipe(coins);
      if (made === null) {
        wipe(ephemeral);
        state.wipe();
        return null;
      }
      const sealed = state.encryptAndHash(made.ciphertext);
      state.mixKey(made.secret);
      wipe(made.secret);
      const last = mixAgreed(state, ephemeral, peer);
      wipe(ephemeral);
      if (!last) {
        state.wipe();
        return null;
      }
      const reply = concatBytes(ephemeralPublic, sealed, state.encryptAndHash(answer));
      const [first, second] = state.split();
      return { message: reply, keys: { send: second, receive: first } };
    },
  };
}
