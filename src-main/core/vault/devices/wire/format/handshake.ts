import { z } from 'zod';
import { aesGcmNonceBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import {
  xwingCiphertextBytes,
  xwingDecapsulate,
  xwingEncapsulate,
  xwingKeys,
  xwingPublicKeyBytes,
  xwingRandomBytes,
} from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { bytesSchema, pack, unpack } from '../../../format/packed.ts';

/*
 * How two devices of one person agree on the keys of one connection (docs/formats/devices.md):
 *
 *   hello   A -> B   A's announcement, an X-Wing key made for this connection
 *   reply   B -> A   B's announcement, ciphertexts to the key of the connection and to A's own key
 *   finish  A -> B   ciphertext to B's own key
 *
 *   keys = HKDF-SHA-512(the three secrets in that order, salt = SHA-256(hello || reply || finish), "hypha vault devices v1", 64)
 *   the first half seals what A says, the second what B says: AES-256-GCM, the nonce a counter from 0
 *
 * Only who holds both devices' own secrets reads on, so each has shown theirs with its first message; and nobody reads a recording
 * later, as the key of the connection is forgotten with it.
 */

const ciphertext = bytesSchema(xwingCiphertextBytes);
const announcementBytes = bytesSchema(1, 2048);

/** Why a device says nothing now. */
export const quietReasons = ['locked', 'off', 'keyless', 'version'] as const;
export type Quiet = (typeof quietReasons)[number];

const helloSchema = z.strictObject({
  v: z.literal(1),
  announcement: announcementBytes,
  once: bytesSchema(xwingPublicKeyBytes),
});
const replySchema = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('quiet'), why: z.enum(quietReasons) }),
  z.strictObject({ say: z.literal('here'), announcement: announcementBytes, once: ciphertext, own: ciphertext }),
]);
const finishSchema = z.strictObject({ own: ciphertext });

export type Hello = z.infer<typeof helloSchema>;
export type Reply = z.infer<typeof replySchema>;
export type Finish = z.infer<typeof finishSchema>;

export const encodeHello = (one: Hello): Uint8Array => pack(one);
export const decodeHello = (bytes: Uint8Array): Hello | null => unpack(helloSchema, bytes);
export const encodeReply = (one: Reply): Uint8Array => pack(one);
export const decodeReply = (bytes: Uint8Array): Reply | null => unpack(replySchema, bytes);
export const encodeFinish = (one: Finish): Uint8Array => pack(one);
export const decodeFinish = (bytes: Uint8Array): Finish | null => unpack(finishSchema, bytes);

/** The largest of the three is the reply. */
export const handshakeMostBytes = 2 * xwingCiphertextBytes + 2048 + 512;

/** One direction: seal or open in order, each once. */
export interface Line {
  seal(plain: Uint8Array): Uint8Array;
  /** Null for what is not the next of this direction. */
  open(sealed: Uint8Array): Uint8Array | null;
}

export interface Lines {
  readonly ours: Line;
  readonly theirs: Line;
}

const nothing = new Uint8Array(0);

function line(key: Uint8Array): Line {
  const aead = createAesGcm(key);
  wipe(key);
  let count = 0n;
  const next = (): Uint8Array => {
    const nonce = new Uint8Array(aesGcmNonceBytes);
    new DataView(nonce.buffer).setBigUint64(4, count++);
    return nonce;
  };
  return {
    seal: (plain) => aead.seal(next(), plain, nothing),
    open: (sealed) => aead.open(next(), sealed, nothing),
  };
}

function linesOf(secrets: readonly Uint8Array[], transcript: Uint8Array, caller: boolean): Lines {
  const input = concatBytes(...secrets);
  const keys = hkdfSha512(input, sha256(transcript), utf8('hypha vault devices v1'), 64);
  wipe(input, ...secrets);
  const [first, second] = [line(keys.slice(0, 32)), line(keys.slice(32))];
  wipe(keys);
  return caller ? { ours: first, theirs: second } : { ours: second, theirs: first };
}

type Random = (n: number) => Uint8Array;

/** The side that calls. @param secret of this device's own X-Wing key */
export function startHandshake(announcement: Uint8Array, secret: Uint8Array, random: Random) {
  const once = xwingKeys(random(32));
  const hello = encodeHello({ v: 1, announcement, once: once.publicKey });
  return {
    hello,
    /** @param theirs the X-Wing key that the other's announcement names @returns null for a reply that is none */
    finish(
      replyBytes: Uint8Array,
      reply: Extract<Reply, { say: 'here' }>,
      theirs: Uint8Array,
    ): { finish: Uint8Array; lines: Lines } | null {
      const first = xwingDecapsulate(once.secret, reply.once);
      const second = xwingDecapsulate(secret, reply.own);
      const third = xwingEncapsulate(theirs, random(xwingRandomBytes));
      wipe(once.secret);
      if (first === null || second === null || third === null) return null;
      const finish = encodeFinish({ own: third.ciphertext });
      const transcript = concatBytes(hello, replyBytes, finish);
      return { finish, lines: linesOf([first, second, third.secret], transcript, true) };
    },
  };
}

/** The side that is called. @param theirs the X-Wing key that the caller's announcement names @returns null for keys that are none */
export function answerHandshake(
  helloBytes: Uint8Array,
  hello: Hello,
  theirs: Uint8Array,
  announcement: Uint8Array,
  secret: Uint8Array,
  random: Random,
) {
  const once = xwingEncapsulate(hello.once, random(xwingRandomBytes));
  const own = xwingEncapsulate(theirs, random(xwingRandomBytes));
  if (once === null || own === null) return null;
  const reply = encodeReply({ say: 'here', announcement, once: once.ciphertext, own: own.ciphertext });
  return {
    reply,
    finish(finishBytes: Uint8Array): Lines | null {
      const finish = decodeFinish(finishBytes);
      const third = finish && xwingDecapsulate(secret, finish.own);
      if (third === null) return null;
      return linesOf([once.secret, own.secret, third], concatBytes(helloBytes, reply, finishBytes), false);
    },
  };
}
