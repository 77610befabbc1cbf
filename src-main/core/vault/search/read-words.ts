import { sha256 } from '#core/crypto/hash.ts';
import type { Session } from '../core.ts';
import type { ManifestChunk } from '../format/manifest.ts';
import { looksLikeText } from './extract/charset.ts';
import { type Plan, planFor } from './extract/plan.ts';
import { contentKeyBytes, latin1 } from './index/meta.ts';
import type { Reading } from './work/indexer.ts';

/** Names a content: what has the same chunks has the same words. */
export function contentKey(chunks: readonly ManifestChunk[]): string {
  return latin1(sha256(...chunks.map(({ id }) => id)).subarray(0, contentKeyBytes));
}

/** The bytes of a file that its words are taken from, or why there are none. */
export type Words = { readonly as: Reading; readonly bytes: Uint8Array } | { readonly none: 'none' | 'too-large' };

/** @throws Fail DAMAGED, LOCKED; the place that has it may be away */
export async function readWords(
  session: Session,
  { name, mime, size }: { name: string; mime: string; size: number },
  chunks: readonly ManifestChunk[],
): Promise<Words> {
  const plan: Plan = planFor(name, mime, size);
  if (plan.kind === 'none' || plan.kind === 'too-large') return { none: plan.kind };
  const bytes = new Uint8Array(plan.bytes);
  let at = 0;
  for (const { id, plain } of chunks) {
    if (at >= bytes.length) break;
    session.signal.throwIfAborted();
    const row = session.catalogue.chunk(id);
    if (!row || row.plain !== plain) throw new Error('a chunk is not there');
    const chunk = await session.packs.readChunk(session.keys, row);
    if (at === 0 && plan.kind === 'look' && !looksLikeText(chunk)) return { none: 'none' };
    const part = chunk.subarray(0, bytes.length - at);
    bytes.set(part, at);
    at += part.length;
  }
  return { as: plan.kind, bytes: at === bytes.length ? bytes : bytes.slice(0, at) };
}
