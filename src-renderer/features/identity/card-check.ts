import nacl from 'tweetnacl';
import type { Card } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';

/**
 * Whether a card was signed by the key it names: Ed25519 over the canonical JSON of the card without `sig`, checked
 * here by tweetnacl and not by the agent that made it. That the key belongs to the person id is for the key log to show.
 */
export function cardSignatureHolds(card: Card): boolean {
  const { sig, ...signed } = card;
  const signature = fromBase64url(sig);
  const key = fromHex(card.key);
  if (signature?.length !== nacl.sign.signatureLength || key?.length !== nacl.sign.publicKeyLength) return false;
  return nacl.sign.detached.verify(new TextEncoder().encode(canonicalJson(signed)), signature, key);
}

function fromHex(text: string): Uint8Array | null {
  if (!/^([0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function fromBase64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}
