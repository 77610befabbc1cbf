import { decodeShardHeader, headerBytes, packKinds } from '../format/shard.ts';
import type { ShardStore } from '../ports.ts';
import type { Engine } from './engine.ts';
import { mustKeepAll } from './fork.ts';

/**
 * Remove the shards of a place that is in use no more. What this catalogue does not know, or was about to write when it was
 * cut short, stays: a newer catalogue may need it. All of it stays while another agent writes to the places.
 *
 * @returns false when something stayed
 */
export async function clearPlace(engine: Pick<Engine, 'catalogue' | 'places'>, store: ShardStore): Promise<boolean> {
  const { catalogue } = engine;
  if (await mustKeepAll(engine, store)) return false;
  const published = catalogue.vault()?.published ?? 0;
  const head = new Uint8Array(headerBytes);
  const isOld = async (name: string): Promise<boolean> => {
    const header = (await store.read(name, 0, head)) ? decodeShardHeader(head) : null;
    return header !== null && header.kind !== packKinds.data && header.generation <= published;
  };
  const mayGo = async (name: string): Promise<boolean> => {
    const id = /\/([0-9a-f]{32})\.\d\d(\.part)?$/.exec(name)?.[1];
    if (id === undefined) return false;
    const row = catalogue.one<{ state: string }>('SELECT state FROM packs WHERE id = ?', Buffer.from(id, 'hex'));
    if (row) return row.state !== 'writing';
    if (name.endsWith('.part')) return true;
    return catalogue.one("SELECT 1 FROM gone WHERE kind = 'pack' AND id = ?", id) !== null || isOld(name);
  };
  let all = true;
  const directories = (await store.list('p')).filter((name) => /^p\/\d{5,}$/.test(name));
  for (const directory of [...directories, 'c']) {
    for (const name of await store.list(directory)) {
      const gone = await mayGo(name)
        .then((may) => (may ? store.remove(name).then(() => true) : false))
        .catch(() => false);
      all &&= gone;
    }
  }
  return all;
}
