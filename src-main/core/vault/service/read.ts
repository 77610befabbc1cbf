import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { Core, Reading, Session } from '../core.ts';
import { damaged, notAFile, notFound } from '../failures.ts';
import { decodeManifest, type ManifestChunk } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import type { Node } from '../tree.ts';
import { manifestAtAll } from '../versions/rows.ts';
import type { Versions } from '../versions/versions.ts';
import { nodeOf } from './describe.ts';

/** Chunks asked for ahead of the reader: hides the latency of places, bounds the memory to a few chunks. */
const ahead = 3;
/** The largest piece given out at once. */
const pieceBytes = 1024 * 1024;

/** The chunks of a file in order, also of one that is in snapshots only. @throws Fail DAMAGED */
export function manifestOf(session: Pick<Reading, 'catalogue' | 'keys'>, item: string): readonly ManifestChunk[] {
  const sealed = manifestAtAll(session.catalogue, item);
  const plain = sealed && openRow(session.keys, 'manifest', item, sealed);
  const manifest = plain && decodeManifest(plain);
  if (!manifest) throw damaged('This file');
  return manifest.chunks;
}

/**
 * The bytes of a file from `offset`, at most `length`, checked and decrypted, in pieces of at most 1 MiB.
 *
 * @throws Fail DAMAGED, LOCKED (when the vault is locked meanwhile)
 */
export async function* readFile(
  session: Reading,
  item: string,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { catalogue, packs, keys } = session;
  const wanted: { chunk: ManifestChunk; from: number; to: number }[] = [];
  const end = offset + length;
  let at = 0;
  for (const chunk of manifestOf(session, item)) {
    const from = Math.max(offset, at) - at;
    const to = Math.min(end, at + chunk.plain) - at;
    if (from < to) wanted.push({ chunk, from, to });
    at += chunk.plain;
    if (at >= end) break;
  }
  const fetch = ({ chunk }: { chunk: ManifestChunk }): Promise<Uint8Array> => {
    const row = catalogue.chunk(chunk.id);
    if (!row || row.plain !== chunk.plain) return Promise.reject(damaged('This file'));
    return packs.readChunk(keys, row);
  };
  const queue: Promise<Uint8Array>[] = [];
  let next = 0;
  const more = (): void => {
    while (queue.length < ahead && next < wanted.length) {
      const promise = fetch(wanted[next++] as (typeof wanted)[number]);
      promise.catch(() => {});
      queue.push(promise);
    }
  };
  for (const { from, to } of wanted) {
    session.signal.throwIfAborted();
    if (signal.aborted) return;
    more();
    const plain = await (queue.shift() as Promise<Uint8Array>);
    more();
    for (let start = from; start < to; start += pieceBytes) {
      session.signal.throwIfAborted();
      yield plain.subarray(start, Math.min(to, start + pieceBytes));
    }
  }
}

/** A file as a snapshot sees it. @throws Fail NOT_FOUND, NOT_A_FILE */
export async function fileThen(session: Session, versions: Versions, snapshot: number, ref: string): Promise<Node> {
  const known = versions.list(session).some(({ number }) => number === snapshot);
  const node = known ? (await versions.view(session, snapshot)).find(ref) : null;
  if (!node) throw notFound(`"${ref}" in snapshot ${snapshot}`);
  if (node.kind !== 'file') throw notAFile(node.name);
  return node;
}

export function readHandlers(core: Core, versions: Versions): Pick<Handlers<typeof vaultContract>, 'vault.read'> {
  return {
    async *'vault.read'(input, context) {
      const session = await core.session();
      const node =
        input.snapshot === undefined
          ? nodeOf(session, input.item)
          : await fileThen(session, versions, input.snapshot, input.item);
      if (node.kind !== 'file') throw notAFile(node.name);
      const length = Math.min(input.length ?? Number.MAX_SAFE_INTEGER, Math.max(0, node.size - input.offset));
      yield* readFile(session, node.id, input.offset, length, context.signal);
    },
  };
}
