import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { randomId } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import type { ItemRecord } from '../../format/row.ts';
import { freeName } from '../../names.ts';
import { createTree, type Node, recordOf, type Tree } from '../../tree.ts';
import { createKnown, type Known } from '../known.ts';
import type { DeviceRecord } from '../model/records.ts';
import type { Agreed } from '../plan/agreed.ts';
import type { Intent, Loaded, Meta, Reading, Rows } from '../rows.ts';
import {
  createMemory,
  createSettler,
  type Ground,
  type Making,
  type Memory,
  type Settled,
  type Settler,
} from '../settle.ts';

/** The process was killed: what is not durable is gone. */
export class Killed extends Error {}

export interface Durable {
  items: Map<string, ItemRecord>;
  /** Of files: their bytes. */
  bytes: Map<string, string>;
  /** Bytes that came from others and are in no file yet. */
  came: Set<string>;
  meta: Meta | null;
  records: Map<number, DeviceRecord>;
  agreed: Map<string, Agreed>;
  readings: Map<string, Reading>;
  intents: Map<string, Intent>;
}
const emptyDisk = (): Durable => ({
  ...{ items: new Map(), bytes: new Map(), came: new Set(), meta: null, records: new Map(), agreed: new Map() },
  ...{ readings: new Map(), intents: new Map() },
});

export const contentOf = (bytes: string): string => toHex(sha256(utf8(bytes)));

/** A device in memory: a vault whose every transaction may be the last thing that it did, with the real parts above it. */
export class Device {
  readonly name: string;
  readonly peers: () => string[];
  readonly random: (n: number) => Uint8Array;
  /** Of the device; may be wrong by any amount. */
  clock = 0;
  /** Called at every point where a kill may come. @returns true to be killed there */
  kill: () => boolean = () => false;
  /** How long deletions are remembered, at least. A clock that jumps by years does not wait. */
  deletionsMs = Number.NEGATIVE_INFINITY;
  disk: Durable = emptyDisk();
  tree: Tree = createTree();
  known!: Known;
  memory!: Memory;
  settler!: Settler;
  unread: readonly Node[] = [];
  wanted: readonly { content: string }[] = [];
  conflicts = 0;
  #staged: (() => void)[] | null = null;

  constructor(name: string, seed: number, peers: () => string[]) {
    this.name = name;
    this.peers = peers;
    this.random = seededRandom(seed);
    this.start();
  }

  /** Begin with what is durable. */
  start(): void {
    const { disk } = this;
    this.#staged = null;
    this.tree = createTree();
    for (const [id, record] of disk.items) this.tree.load(id, record);
    this.tree.adopt();
    const rows = this.#rows();
    const loaded: Loaded = {
      meta: disk.meta,
      records: [...disk.records],
      agreed: [...disk.agreed.values()],
      readings: [...disk.readings.values()],
      intents: [...disk.intents.values()],
    };
    const host = { now: () => this.clock, random: this.random };
    this.known = createKnown(rows, loaded, host, { id: this.name, name: this.name });
    this.known.setPeers(this.peers());
    this.memory = createMemory(loaded);
    this.settler = createSettler(this.#ground(), this.known, rows, this.memory);
    this.settler.takeUp(loaded.intents);
  }

  /** A copy of all that is durable. */
  copy(): Durable {
    const { items, bytes, came, meta, records, agreed, readings, intents } = this.disk;
    return {
      ...{ items: new Map(items), bytes: new Map(bytes), came: new Set(came), meta, records: new Map(records) },
      ...{ agreed: new Map(agreed), readings: new Map(readings), intents: new Map(intents) },
    };
  }

  #point(): void {
    if (this.kill()) throw new Killed();
  }
  #transaction<T>(work: () => T): T {
    if (this.#staged) throw new Error('a transaction in a transaction');
    this.#point();
    const staged: (() => void)[] = [];
    this.#staged = staged;
    try {
      const result = work();
      for (const one of staged) one();
      return result;
    } finally {
      this.#staged = null;
      this.#point();
    }
  }
  #stage(work: () => void): void {
    if (!this.#staged) throw new Error('a row outside of a transaction');
    this.#staged.push(work);
  }
  #rows(): Rows {
    const { disk } = this;
    return {
      transaction: (work) => this.#transaction(work),
      putMeta: (meta) =>
        this.#stage(() => {
          disk.meta = meta;
        }),
      putRecord: (number, record) => this.#stage(() => void disk.records.set(number, record)),
      dropRecord: (number) => this.#stage(() => void disk.records.delete(number)),
      putAgreed: (agreed) => this.#stage(() => void disk.agreed.set(agreed.entry, agreed)),
      dropAgreed: (entry) => this.#stage(() => void disk.agreed.delete(entry)),
      putReading: (reading) => this.#stage(() => void disk.readings.set(reading.item, reading)),
      dropReading: (item) => this.#stage(() => void disk.readings.delete(item)),
      putIntent: (intent) => this.#stage(() => void disk.intents.set(intent.item, intent)),
      dropIntent: (item) => this.#stage(() => void disk.intents.delete(item)),
    };
  }
  #save(node: Node): void {
    const record = recordOf(node);
    this.#stage(() => void this.disk.items.set(node.id, record));
  }
  #change(node: Node, change: (node: Node) => void): void {
    this.tree.detach(node);
    change(node);
    this.tree.attach(node);
    this.#save(node);
  }
  bytesOf(content: string): string | null {
    for (const item of this.memory.itemsOf(content)) {
      const bytes = this.disk.bytes.get(item);
      if (bytes !== undefined && this.tree.get(item)) return bytes;
    }
    return [...this.disk.came].find((bytes) => contentOf(bytes) === content) ?? null;
  }
  #ground(): Ground {
    const device = this;
    return {
      get tree() {
        return device.tree;
      },
      isDamaged: () => false,
      newId: () => randomId(this.random),
      isHere: (content) => this.bytesOf(content) !== null,
      edit: (edits, also) => {
        this.#transaction(() => {
          for (const { node } of edits) this.tree.detach(node);
          for (const { node, parent, name, binned } of edits) {
            Object.assign(node, { parent, name, binnedAt: binned ? 1 : null });
          }
          for (const { node } of edits) {
            const taken = node.binnedAt === null ? this.tree.children(node.parent).get(node.name) : undefined;
            if (taken) throw new Error(`"${node.name}" was written over`);
            this.tree.attach(node);
            this.#save(node);
          }
          also();
        });
      },
      create: async (makings) => this.#transaction(() => makings.map((making) => this.#make(making))),
    };
  }
  #make({ id, type, parent, name, content, over, modified }: Making): Node | null {
    const { tree } = this;
    if (parent !== null && tree.get(parent)?.kind !== 'folder') return null;
    const siblings = tree.children(parent);
    const there = siblings.get(name);
    if (over !== null) {
      if (there?.id !== over) return null;
      this.#change(there, (node) => {
        node.binnedAt = 1;
      });
    }
    const bytes = content === null ? '' : this.bytesOf(content);
    if (bytes === null) return null;
    const node = tree.add(id, {
      ...{ parent, kind: type, name: freeName(name, (one) => siblings.has(one)), size: bytes.length },
      ...{ modified, added: 0, mime: '', binnedAt: null },
    });
    this.#save(node);
    if (content !== null) this.#stage(() => void this.disk.bytes.set(id, bytes));
    return node;
  }

  /* What a person does. What cannot be done does nothing. */

  find(path: string): Node | null {
    return this.tree.find(path);
  }
  write(path: string, bytes: string): boolean {
    const [folder, name] = split(path);
    const parent = folder === '' ? null : this.find(folder);
    if (folder !== '' && parent?.kind !== 'folder') return false;
    const old = this.tree.children(parent?.id ?? null).get(name);
    if (old?.kind === 'folder') return false;
    this.#quietly(() => {
      if (old)
        this.#change(old, (node) => {
          node.binnedAt = 1;
        });
      const id = randomId(this.random);
      const record = { parent: parent?.id ?? null, kind: 'file' as const, name, size: bytes.length };
      this.#save(this.tree.add(id, { ...record, modified: 0, added: 0, mime: '', binnedAt: null }));
      this.#stage(() => void this.disk.bytes.set(id, bytes));
    });
    return true;
  }
  folder(path: string): void {
    const [folder, name] = split(path);
    const parent = folder === '' ? null : this.find(folder);
    if ((folder !== '' && parent?.kind !== 'folder') || this.find(path)) return;
    this.#quietly(() => {
      const record = { parent: parent?.id ?? null, kind: 'folder' as const, name, size: 0 };
      this.#save(this.tree.add(randomId(this.random), { ...record, modified: 0, added: 0, mime: '', binnedAt: null }));
    });
  }
  move(path: string, to: string): void {
    const node = this.find(path);
    const [folder, name] = split(to);
    const parent = folder === '' ? null : this.find(folder);
    if (!node || (folder !== '' && parent?.kind !== 'folder') || this.find(to)) return;
    if (parent && this.tree.path(parent).includes(node)) return;
    this.#quietly(() => {
      this.#change(node, (one) => {
        one.parent = parent?.id ?? null;
        one.name = name;
      });
    });
  }
  bin(path: string): void {
    const node = this.find(path);
    if (!node) return;
    this.#quietly(() => {
      this.#change(node, (one) => {
        one.binnedAt = 1;
      });
    });
  }
  restore(node: Node): void {
    const parent = node.parent === null ? null : this.tree.get(node.parent);
    this.#quietly(() => {
      this.#change(node, (one) => {
        if (node.parent !== null && (!parent?.children || this.tree.inBin(parent))) one.parent = null;
        const siblings = this.tree.children(one.parent);
        one.name = freeName(one.name, (name) => siblings.has(name));
        one.binnedAt = null;
      });
    });
  }
  purge(node: Node): void {
    this.#quietly(() => {
      for (const one of this.tree.drop(node)) {
        this.#stage(() => {
          this.disk.items.delete(one.id);
          this.disk.bytes.delete(one.id);
        });
      }
    });
  }
  #quietly(work: () => void): void {
    const { kill } = this;
    this.kill = () => false;
    this.#transaction(work);
    this.kill = kill;
  }

  /* What the agent does. */

  /** Read up to so many of the files that it has not read. */
  read(most: number): void {
    const { known, memory } = this;
    for (const node of this.unread.slice(0, most)) {
      const bytes = this.disk.bytes.get(node.id);
      if (bytes === undefined || !this.tree.get(node.id)) continue;
      const content = contentOf(bytes);
      known.write([], () => this.#stage(() => void this.disk.readings.set(node.id, { item: node.id, content })));
      memory.read(node.id, content);
    }
  }
  async settle(): Promise<Settled> {
    const settled = await this.settler.settle(new AbortController().signal);
    this.unread = settled.unread;
    this.wanted = settled.wanted.flatMap(({ content }) => (content ? [{ content: content.content }] : []));
    this.conflicts += settled.conflicts;
    this.known.collect((entry) => this.memory.agreed.of(entry) !== undefined, this.deletionsMs);
    return settled;
  }
  /** Path to bytes; folders end in a slash. */
  shape(): Map<string, string> {
    const out = new Map<string, string>();
    const look = (children: ReadonlyMap<string, Node>, path: string): void => {
      for (const node of children.values()) {
        if (node.children) {
          out.set(`${path}${node.name}/`, '');
          look(node.children, `${path}${node.name}/`);
        } else out.set(path + node.name, this.disk.bytes.get(node.id) ?? '(nothing)');
      }
    };
    look(this.tree.root, '');
    return new Map([...out].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const split = (path: string): [string, string] => {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
};
