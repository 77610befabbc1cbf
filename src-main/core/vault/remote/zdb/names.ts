import type { RemoteDeps } from '../deps.ts';
import { ConnectionError } from '../resp/reply.ts';
import { splitName } from '../shard-name.ts';
import type { ZdbClient } from './client.ts';
import { ZdbError } from './errors.ts';
import { decodeRecord, partKey, partsRecordBytes } from './record.ts';

/** Names kept in memory, about 100 bytes each. Of a place with more, directories far from the one asked for are forgotten. */
const namesMost = 250_000;
/** A scan that takes longer is that of a server which does not come to an end. */
const scanMs = 600_000;
/** EXISTS asked for at once. */
const askAtOnce = 1000;

/** What was seen of a name: its record, by the length of its value, and the generations that there are parts of. */
interface Seen {
  readonly record: 'none' | 'whole' | 'parts';
  readonly generations: readonly string[];
}

export interface ZdbNames {
  /** As ShardStore's. `<name>.part` stands for parts that belong to no shard: of one half-written, or replaced. */
  list(directory: string): Promise<string[]>;
  /** Generations of a name that were seen. */
  generations(name: string): readonly string[];
  /** So that what we removed need not be found out. */
  removed(name: string, generations?: readonly string[]): void;
}

const nothing: Seen = { record: 'none', generations: [] };

/**
 * The names in a namespace. A 0-db lists all its keys, oldest first, or those after one that was seen: what is new since the last
 * look is at the end. So names are remembered, only new ones are fetched, and those remembered are asked for one by one (EXISTS),
 * for what others removed is not told.
 */
export function createZdbNames(client: ZdbClient, { host }: RemoteDeps, most = namesMost): ZdbNames {
  const directories = new Map<string, Map<string, Seen>>();
  /** Not remembered for want of room. */
  const forgotten = new Set<string>();
  let cursor: Uint8Array | undefined;
  let count = 0;
  let focus = '';

  const forget = (): void => {
    directories.clear();
    forgotten.clear();
    cursor = undefined;
    count = 0;
  };

  const makeRoom = (): void => {
    const others = [...directories.keys()].filter((one) => one !== 'c' && one !== focus).sort();
    // Directories are walked in their order: the one that comes last from here on.
    const victim = others.findLast((one) => one < focus) ?? others.at(-1);
    if (victim === undefined) throw new ConnectionError('protocol', 'The 0-db holds too many names in one directory.');
    count -= directories.get(victim)?.size ?? 0;
    directories.delete(victim);
    forgotten.add(victim);
    if (forgotten.size > most) throw new ConnectionError('protocol', 'The 0-db holds too many directories.');
  };

  const put = (directory: string, base: string, seen: Seen): void => {
    const names = directories.get(directory) ?? new Map<string, Seen>();
    directories.set(directory, names);
    const empty = seen.record === 'none' && seen.generations.length === 0;
    count += (empty ? 0 : 1) - (names.has(base) ? 1 : 0);
    if (empty) names.delete(base);
    else names.set(base, seen);
    if (names.size === 0) directories.delete(directory);
    if (count > most) makeRoom();
  };

  const note = (key: Uint8Array, length: number): void => {
    const text = Buffer.from(key).toString('latin1');
    const [, name = '', generation] = /^([^~]+)(?:~([0-9a-f]{16})\.\d{1,4})?$/.exec(text) ?? [];
    const split = trySplit(name);
    if (!split || forgotten.has(split.directory)) return;
    const { directory, base } = split;
    const seen = directories.get(directory)?.get(base) ?? nothing;
    if (generation === undefined) {
      put(directory, base, { ...seen, record: length === partsRecordBytes ? 'parts' : 'whole' });
    } else if (!seen.generations.includes(generation)) {
      // Copied: cut from it, a short text would keep the long one.
      const own = Buffer.from(generation).toString('latin1');
      put(directory, base, { ...seen, generations: [...seen.generations, own].slice(-16) });
    }
  };

  const fetchNew = async (): Promise<void> => {
    const began = host.now();
    for (;;) {
      const page = await client.scan(cursor).catch((error: unknown) => {
        // The key that the cursor stands for is gone from the server's files.
        if (cursor && error instanceof ZdbError && error.reason === 'refused') return 'lost' as const;
        throw error;
      });
      if (page === null) return;
      if (page === 'lost') forget();
      else {
        for (const { key, length } of page.entries) note(key, length);
        if (page.entries.length === 0 || host.now() - began > scanMs) {
          throw new ConnectionError('protocol', 'The 0-db does not come to the end of its keys.');
        }
        cursor = page.cursor;
      }
    }
  };

  let last: Promise<void> = Promise.resolve();
  /** One after the other: one that runs may be past what was written since it began. */
  const refresh = (directory: string): Promise<void> => {
    last = last
      .catch(() => {})
      .then(() => {
        focus = directory;
        if (forgotten.has(directory)) forget();
        return fetchNew();
      });
    return last;
  };

  const existing = async (keys: readonly string[]): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (let at = 0; at < keys.length; at += askAtOnce) {
      answers.push(...(await client.existAll(keys.slice(at, at + askAtOnce))));
    }
    return answers;
  };

  /** Whether parts are there that the record of a name, as it is now, does not mean. */
  const hasLeftovers = async (directory: string, base: string, seen: Seen): Promise<boolean> => {
    const name = `${directory}/${base}`;
    const usual = seen.record === 'parts' ? 1 : 0;
    if (seen.generations.length <= usual) return false;
    const value = seen.record === 'parts' ? await client.get(name) : null;
    const record = value && decodeRecord(value);
    const there = await existing(seen.generations.map((generation) => partKey(name, generation, 0)));
    const generations = seen.generations.filter((_, i) => there[i]);
    put(directory, base, { ...seen, generations });
    return generations.some((one) => record?.kind !== 'parts' || record.generation !== one);
  };

  return {
    async list(directory) {
      await refresh(directory);
      if (directory === 'p') return [...directories.keys(), ...forgotten].filter((one) => one.startsWith('p/'));
      const entries = [...(directories.get(directory) ?? [])];
      const heads = entries.filter(([, seen]) => seen.record !== 'none');
      const there = await existing(heads.map(([base]) => `${directory}/${base}`));
      const gone = new Set(heads.filter((_, i) => !there[i]).map(([base]) => base));
      const names: string[] = [];
      for (const [base, before] of entries) {
        const seen: Seen = gone.has(base) ? { ...before, record: 'none' } : before;
        if (gone.has(base)) put(directory, base, seen);
        if (seen.record !== 'none') names.push(`${directory}/${base}`);
        if (await hasLeftovers(directory, base, seen)) names.push(`${directory}/${base}.part`);
      }
      return names;
    },
    generations(name) {
      const { directory, base } = splitName(name);
      return directories.get(directory)?.get(base)?.generations ?? [];
    },
    removed(name, generations) {
      const { directory, base } = splitName(name);
      const seen = directories.get(directory)?.get(base);
      if (!seen) return;
      const left = seen.generations.filter((one) => !generations?.includes(one));
      put(directory, base, { record: generations ? seen.record : 'none', generations: left });
    },
  };
}

function trySplit(name: string): ReturnType<typeof splitName> | null {
  try {
    return splitName(name);
  } catch {
    return null;
  }
}
