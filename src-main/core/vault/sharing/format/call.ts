import { type AesGcm, aesGcmNonceBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';

/*
 * A question about a share and its answer, as they travel inside HTTP inside the mesh (docs/formats/sharing.md):
 *
 *   question  0  1 version, 1 | 1 16 share id | 17 4 generation, big-endian | 21 12 nonce, random | 33 AES-256-GCM, tag last
 *   answer    0  1 version, 1 | 1 12 nonce, random | 13 AES-256-GCM, tag last
 *
 * Keys: HKDF-SHA-512(the share's key, salt = share id, "hypha share question v1" or "... answer v1", 32). Associated data of a
 * question: its bytes 0 to 33; of an answer: its bytes 0 to 13 || bytes 0 to 33 of the question, so that an answer fits one
 * question only. Random nonces are safe for 2^32 messages under one key.
 */

const version = 1;
export const questionHeadBytes = 33;
const answerHeadBytes = 1 + aesGcmNonceBytes;
/** What sealing adds. */
export const questionExtraBytes = questionHeadBytes + 16;
export const answerExtraBytes = answerHeadBytes + 16;

/** Both directions of one generation of a share. */
export interface CallKeys {
  readonly question: AesGcm;
  readonly answer: AesGcm;
}

/** @param share 22 letters of base64url */
export function callKeys(key: Uint8Array, share: string): CallKeys {
  const salt = idBytes(share);
  const derive = (info: string): AesGcm => {
    const derived = hkdfSha512(key, salt, utf8(info), 32);
    const made = createAesGcm(derived);
    wipe(derived);
    return made;
  };
  return { question: derive('hypha share question v1'), answer: derive('hypha share answer v1') };
}

function idBytes(share: string): Uint8Array {
  const bytes = fromBase64url(share);
  if (bytes?.length !== 16) throw new RangeError('a share id is 16 bytes');
  return bytes;
}

export function sealQuestion(
  { question }: CallKeys,
  share: string,
  generation: number,
  plain: Uint8Array,
  random: (n: number) => Uint8Array,
): Uint8Array {
  const nonce = random(aesGcmNonceBytes);
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, generation);
  const head = concatBytes(Uint8Array.of(version), idBytes(share), number, nonce);
  return concatBytes(head, question.seal(nonce, plain, head));
}

/** Which share and generation a question says it is about; null for what is no question. */
export function lookAtQuestion(bytes: Uint8Array): { share: string; generation: number } | null {
  if (bytes.length < questionExtraBytes || bytes[0] !== version) return null;
  const generation = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(17);
  return { share: toBase64url(bytes.subarray(1, 17)), generation };
}

/** The plain question; null when it was not sealed under these keys. */
export function openQuestion({ question }: CallKeys, bytes: Uint8Array): Uint8Array | null {
  if (lookAtQuestion(bytes) === null) return null;
  const head = bytes.subarray(0, questionHeadBytes);
  return question.open(bytes.subarray(21, questionHeadBytes), bytes.subarray(questionHeadBytes), head);
}

/** @param asked the sealed question */
export function sealAnswer(
  { answer }: CallKeys,
  asked: Uint8Array,
  plain: Uint8Array,
  random: (n: number) => Uint8Array,
): Uint8Array {
  const nonce = random(aesGcmNonceBytes);
  const head = concatBytes(Uint8Array.of(version), nonce);
  return concatBytes(head, answer.seal(nonce, plain, concatBytes(head, asked.subarray(0, questionHeadBytes))));
}

/** The plain answer; null when it was not sealed under these keys for this question. */
export function openAnswer({ answer }: CallKeys, asked: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < answerExtraBytes || bytes[0] !== version) return null;
  const head = bytes.subarray(0, answerHeadBytes);
  const bound = concatBytes(head, asked.subarray(0, questionHeadBytes));
  return answer.open(bytes.subarray(1, answerHeadBytes), bytes.subarray(answerHeadBytes), bound);
}
