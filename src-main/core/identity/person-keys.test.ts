import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { didKeyEncode } from '#core/crypto/did-key.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { entropyFromPhrase } from '#core/crypto/phrase.ts';
import { walletKey } from '#core/crypto/wallet.ts';
import { hex } from '#core/testing/hex.ts';
import { personOf } from './establish.ts';
import { commitment } from './key-log-entry.ts';
import { derivePersonKeys, personKeyLabels, wipePersonKeys } from './person-keys.ts';

const text = z.string();
const vectorSchema = z.strictObject({
  entropy: text,
  phrase: text,
  signSeed: text,
  signPublic: text,
  did: text,
  pqPublicSha256: text,
  kemSecret: text,
  kemPublicSha256: text,
  rotationSignPublic: text,
  rotationCommitment: text,
  vaultRoot: text,
  contacts: text,
  walletSeal: text,
  person: text,
  wallet: z.array(text),
});

/** The frozen vectors: the numbers that people read are the numbers that are tested. */
const page = readFileSync(new URL('../../../docs/formats/keys.md', import.meta.url), 'utf8');
const block = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '[]';
const vectors = z.array(vectorSchema).min(2).parse(JSON.parse(block));

describe('person keys', () => {
  it.each(vectors)('are those of docs/formats/keys.md ($person)', (vector) => {
    const entropy = hex(vector.entropy);
    expect(entropyFromPhrase(vector.phrase.split(' '))).toEqual({ ok: true, entropy });
    const keys = derivePersonKeys(entropy);
    const { current, next, vaultRoot, contacts, wallet } = keys;
    expect({
      entropy: toHex(entropy),
      phrase: vector.phrase,
      signSeed: toHex(current.signSeed),
      signPublic: toHex(current.public.sign),
      did: didKeyEncode(current.public.sign),
      pqPublicSha256: toHex(sha256(current.public.pq)),
      kemSecret: toHex(current.kem.secret),
      kemPublicSha256: toHex(sha256(current.public.kem)),
      rotationSignPublic: toHex(next.sign),
      rotationCommitment: commitment(next),
      vaultRoot: toHex(vaultRoot),
      contacts: toHex(contacts),
      walletSeal: toHex(wallet),
      person: personOf(keys),
      wallet: vector.wallet.map((_, i) => walletKey(entropy, i).address),
    }).toEqual(vector);
  });

  it('has the labels that the page freezes', () => {
    const labels = [
      personKeyLabels.sign(0).replace('0', 'N'),
      personKeyLabels.pqSign(0).replace('/0', '/N'),
      personKeyLabels.kem(0).replace('/0', '/N'),
      personKeyLabels.vaultRoot,
      personKeyLabels.contacts,
      personKeyLabels.wallet,
    ];
    for (const label of labels) expect(page).toContain(`| \`${label}\` |`);
  });

  it('are zeroed when wiped', () => {
    const keys = derivePersonKeys(new Uint8Array(32).fill(9));
    wipePersonKeys(keys);
    for (const secret of [
      keys.vaultRoot,
      keys.contacts,
      keys.wallet,
      keys.current.signSeed,
      keys.current.pqSecret,
      keys.current.kem.secret,
    ]) {
      expect(secret.every((byte) => byte === 0)).toBe(true);
    }
  });
});
