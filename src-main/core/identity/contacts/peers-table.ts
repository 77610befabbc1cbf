import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { contactIdSchema } from '#shared/model/ids.ts';

/*
 * The part of the contacts that is readable while locked: which mesh keys belong to one contact, and which contacts are
 * blocked. The mesh goes on while locked and its firewall knows peers by contact. No names, no person ids, no key logs: a
 * computer that is switched on by a stranger tells how many contacts there are and which mesh keys they use, not who they are.
 *
 * It is authenticated with a key of this device (HMAC-SHA-256, key HKDF-SHA-512 of the device's signing seed), so that whoever
 * can write the file and not read the device keys lets nobody in. It is made anew from the sealed records at every unlock.
 */

const peersSchema = z.strictObject({
  v: z.literal(1),
  peers: z
    .array(
      z.strictObject({
        contact: contactIdSchema,
        meshKeys: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
        blocked: z.boolean(),
      }),
    )
    .max(10_000),
});
export type Peer = z.infer<typeof peersSchema>['peers'][number];

function tagOf(body: string, deviceSeed: Uint8Array): Uint8Array {
  const key = hkdfSha512(deviceSeed, new Uint8Array(0), 'hypha/v1/contacts/peers', 32);
  const tag = hmacSha256(key, utf8(body));
  wipe(key);
  return tag;
}

/** Canonical JSON, a line feed, and its tag in hex. */
export function encodePeers(peers: readonly Peer[], deviceSeed: Uint8Array): Uint8Array {
  const body = canonicalJson({ v: 1, peers });
  return utf8(`${body}\n${toHex(tagOf(body, deviceSeed))}`);
}

/** Null for bytes that this device did not write, or that another device did. */
export function decodePeers(bytes: Uint8Array, deviceSeed: Uint8Array): Peer[] | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const cut = text.lastIndexOf('\n');
    const tag = fromHex(text.slice(cut + 1));
    const body = text.slice(0, Math.max(0, cut));
    if (tag === null || !equalBytes(tag, tagOf(body, deviceSeed))) return null;
    const parsed = peersSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.peers : null;
  } catch {
    return null;
  }
}
