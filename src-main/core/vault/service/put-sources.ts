import { dirname } from 'node:path';
import { decode, Encoder } from '@msgpack/msgpack';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import type { Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';

/** A file of this computer as it was when it was put into the vault, and the vault's item that was made of it. */
export interface Source {
  readonly item: string;
  /** Other whenever the file may have been written to. */
  readonly print: string;
}
export type PutSources = ReturnType<typeof createPutSources>;

const version = 1;
const encoder = new Encoder();

/** What is known of the files of one directory, by name (docs/formats/vault.md, "Files that were put"). */
export const encodeSources = (directory: string, sources: ReadonlyMap<string, Source>): Uint8Array =>
  encoder.encode([version, directory, [...sources].map(([name, { item, print }]) => [name, item, print])]).slice();

/** @returns null for anything that is not such a record of that directory */
export function decodeSources(bytes: Uint8Array, directory: string): Map<string, Source> | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 3 || value[0] !== version || value[1] !== directory) return null;
  if (!Array.isArray(value[2])) return null;
  const out = new Map<string, Source>();
  for (const one of value[2] as unknown[]) {
    if (!Array.isArray(one) || one.length !== 3 || !one.every((part) => typeof part === 'string')) return null;
    const [name, item, print] = one as [string, string, string];
    out.set(name, { item, print });
  }
  return out;
}

/** Directories written down before others have their turn. */
const together = 32;

/**
 * Tells files that were put before, and not written to since, from those that must be read. On this computer only, and only a hint: what
 * of it is lost or cannot be opened, is read again.
 */
export function createPutSources(session: Session, random: (n: number) => Uint8Array) {
  const { catalogue, keys, tree } = session;
  const noted = new Map<string, Map<string, Source>>();
  let last: { readonly directory: string; readonly sources: ReadonlyMap<string, Source> } | null = null;

  const idOf = (directory: string): string => toHex(hmacSha256(keys.sources(), utf8(directory)));
  const read = (directory: string): Map<string, Source> => {
    const id = idOf(directory);
    const row = catalogue.one<{ sealed: Uint8Array }>('SELECT sealed FROM put_sources WHERE directory = ?', id);
    const plain = row && openRow(keys, 'source', id, row.sealed);
    return (plain && decodeSources(plain, directory)) ?? new Map();
  };
  const write = (directory: string, fresh: ReadonlyMap<string, Source>): void => {
    const all = new Map([...read(directory), ...fresh]);
    for (const [name, { item }] of all) if (!tree.get(item)) all.delete(name);
    const id = idOf(directory);
    const sealed = sealRow(keys, random, 'source', id, encodeSources(directory, all));
    catalogue.run('INSERT OR REPLACE INTO put_sources VALUES (?, ?)', id, sealed);
  };

  return {
    /** What was put from this path, whatever the file is like now. Files of one directory are best asked for one after the other. */
    find(directory: string, name: string): Source | null {
      if (last?.directory !== directory) last = { directory, sources: read(directory) };
      return last.sources.get(name) ?? null;
    },
    /** In memory until {@link flush}; after what it tells of is durable. */
    note(path: string, name: string, source: Source): void {
      const directory = dirname(path);
      const known = noted.get(directory) ?? new Map<string, Source>();
      noted.set(directory, known);
      known.set(name, source);
    },
    /** Write down what was noted, in turns. Ends early when the vault locks. */
    async flush(): Promise<void> {
      const left = [...noted];
      noted.clear();
      last = null;
      for (let at = 0; at < left.length && !session.signal.aborted; at += together) {
        await session.engine.group.add({
          apply() {
            if (session.signal.aborted) return;
            for (const [directory, fresh] of left.slice(at, at + together)) write(directory, fresh);
          },
        });
        await new Promise(setImmediate);
      }
    },
  };
}
