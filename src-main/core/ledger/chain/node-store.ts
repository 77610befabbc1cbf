import type { BatchDBOp, DB } from '@ethereumjs/util';
import type { Database } from '#core/store/database.ts';

type Key = Uint8Array | string | number;

/**
 * Nodes of the state and codes of contracts, as the state's tree reads and writes them. What is written waits in memory until
 * the block that made it is committed: {@link flush} within its transaction, {@link forget} when it came to nothing.
 */
export interface NodeStore extends DB<string, Uint8Array> {
  /** Write what waits; call it within a transaction. */
  flush(): void;
  /** Nothing waits any more: what was flushed is durable, or what was written is not wanted. */
  forget(): void;
}

const bytesOf = (key: Key): Uint8Array =>
  typeof key === 'string' ? Buffer.from(key, 'hex') : typeof key === 'number' ? Buffer.from(String(key)) : key;
const nameOf = (key: Key): string => Buffer.from(bytesOf(key)).toString('latin1');

export function createNodeStore({ db }: Database): NodeStore {
  const get = db.prepare('SELECT value FROM node WHERE key = ?');
  const put = db.prepare('INSERT OR IGNORE INTO node (key, value) VALUES (?, ?)');
  const waiting = new Map<string, Uint8Array>();
  const store: NodeStore = {
    async get(key) {
      const here = waiting.get(nameOf(key));
      if (here !== undefined) return here;
      const row = get.get(bytesOf(key)) as { value: Uint8Array } | undefined;
      return row?.value;
    },
    async put(key, value) {
      waiting.set(nameOf(key), value);
    },
    // Nothing is pruned: a node that this state needs no more is one that an earlier state has.
    async del() {},
    async batch(operations: BatchDBOp<string, Uint8Array>[]) {
      for (const one of operations) if (one.type === 'put') waiting.set(nameOf(one.key), one.value);
    },
    shallowCopy: () => store,
    async open() {},
    flush() {
      for (const [name, value] of waiting) put.run(Buffer.from(name, 'latin1'), value);
    },
    forget() {
      waiting.clear();
    },
  };
  return store;
}
