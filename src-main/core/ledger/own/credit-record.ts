import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import type { Act } from './acts.ts';

/**
 * What credits were issued or given back for (docs/formats/credit-record.md). The chain keeps its hash alone: whoever is shown the text can check that
 * it is the one, and nobody else learns it.
 */
export const recordText = ({ kind, chain, credits, from, to, units, memo, at, salt }: Omit<Act, 'record'>): string =>
  canonicalJson({ hypha: 'credit record 1', kind, chain, credits, from, to, units, memo, at, salt });

export const recordHash = (act: Omit<Act, 'record'>): Hash32 => `0x${toHex(sha256(utf8(recordText(act))))}` as Hash32;
