import type { Node, Tree } from '../tree.ts';
import type { Known } from './known.ts';
import { type DeviceRecord, type EntryId, joinContexts } from './model/records.ts';
import { type Absorbed, absorb, type Draft } from './plan/absorb.ts';
import { type Agreed, createAgreed } from './plan/agreed.ts';
import { type Arrangement, arrange, type Creation, type Edit } from './plan/arrange.ts';
import { type Conflict, type Projection, project, type Shown } from './plan/project.ts';
import { createReviver } from './plan/revive.ts';
import type { ContentId } from './ports.ts';
import type { Loaded, Rows } from './rows.ts';

/** An item to be made. Its id is chosen ahead. */
export interface Making {
  readonly id: string;
  readonly type: 'file' | 'folder';
  readonly parent: string | null;
  readonly name: string;
  readonly content: ContentId | null;
  readonly modified: number;
  /** The only item that may have the name by then, and gives way; null: another name is taken where there is one. */
  readonly over: string | null;
}

/** The vault as it is changed here. */
export interface Ground {
  readonly tree: Tree;
  isDamaged(item: string): boolean;
  newId(): string;
  /** Bytes of this content can be had without asking anybody. */
  isHere(content: ContentId): boolean;
  /** All at once, with what `also` writes; durable when it returns. */
  edit(edits: readonly Edit[], also: () => void): void;
  /** Durable when it resolves. In their order; null for what could not be made. */
  create(makings: readonly Making[]): Promise<readonly (Node | null)[]>;
}

/** What the vault has in common with the registers, in memory; the rows have it too. */
export function createMemory(loaded: Pick<Loaded, 'agreed' | 'readings'>) {
  const agreed = createAgreed(loaded.agreed);
  const contents = new Map<string, ContentId>();
  const items = new Map<ContentId, Set<string>>();
  const read = (item: string, content: ContentId): void => {
    contents.set(item, content);
    const there = items.get(content);
    if (there) there.add(item);
    else items.set(content, new Set([item]));
  };
  for (const { item, content } of loaded.readings) read(item, content);
  return {
    agreed,
    contentOf: (item: string): ContentId | undefined => contents.get(item),
    /** Items that have these bytes; some may be gone. */
    itemsOf: (content: ContentId): Iterable<string> => items.get(content) ?? [],
    read,
    unread(item: string): void {
      const content = contents.get(item);
      contents.delete(item);
      if (content !== undefined) items.get(content)?.delete(item);
    },
  };
}
export type Memory = ReturnType<typeof createMemory>;

export interface Settled {
  /** Files that are to be read before they can be told of. */
  readonly unread: readonly Node[];
  readonly wanted: readonly Shown[];
  /** Conflict copies that were made. */
  readonly conflicts: number;
  /** Something was written that others lack. */
  readonly told: boolean;
}

/** Made at a time. */
const batch = 256;
/** More passes than anything takes: each leaves less to do. */
const mostPasses = 10_000;

export type Settler = ReturnType<typeof createSettler>;

/**
 * Bring the registers and this vault together, as far as it can be done without others: what was done here is written down, what came
 * is done here. Every step is durable as one with what it agrees on, so a kill between two leaves nothing to be guessed.
 */
export function createSettler(ground: Ground, known: Known, rows: Rows, memory: Memory) {
  const { tree } = ground;
  const { agreed } = memory;
  let projected: { readonly version: number; readonly projection: Projection } | null = null;
  let last: { readonly absorbed: Absorbed; readonly arrangement: Arrangement } | null = null;

  const projection = (): Projection => {
    const version = known.registers.version();
    if (projected?.version !== version) projected = { version, projection: project(known.registers) };
    return projected.projection;
  };
  const put = (one: Agreed): void => {
    // One item stands for one entry.
    const other = agreed.ofItem(one.item);
    if (other && other.entry !== one.entry) rows.dropAgreed(other.entry);
    agreed.put(one);
    rows.putAgreed(one);
  };
  const drop = (entry: EntryId): void => {
    agreed.remove(entry);
    rows.dropAgreed(entry);
  };

  const splitOff = (conflicts: readonly Conflict[]): void => {
    const drafts: Draft[] = [];
    const revive = createReviver(known.registers.entries, (draft) => drafts.push(draft));
    for (const { entry, parent, name, content: one } of conflicts) {
      const { content, size, modified } = one;
      revive(parent);
      drafts.push({ kind: 'place', entry, parent, type: 'file', name });
      drafts.push({ kind: 'content', entry, content, size, modified, past: [] });
    }
    known.write(drafts, () => {});
  };
  const writeDown = (absorbed: Absorbed): void => {
    known.write(absorbed.drafts, (written) => {
      const contents = new Map<EntryId, DeviceRecord>();
      for (const one of written) if (one.kind === 'content') contents.set(one.entry, one);
      for (const entry of absorbed.drop) drop(entry);
      for (const { own, ...one } of absorbed.put) {
        const write = own ? contents.get(one.entry) : undefined;
        put(write ? { ...one, seen: joinContexts(one.seen, [[write.author, write.seq]]) } : one);
      }
    });
  };
  const move = ({ edits, put: agreements, drop: drops }: Arrangement): void => {
    ground.edit(edits, () => {
      for (const entry of drops) drop(entry);
      for (const one of agreements) put(one);
      for (const { node, parent, name, binned } of edits) {
        const here = agreed.ofItem(node.id);
        if (here) put({ ...here, parent, name, binned });
      }
    });
  };
  const make = async (creations: readonly Creation[]): Promise<boolean> => {
    let any = false;
    const made = new Map<EntryId, string>();
    for (let from = 0; from < creations.length; from += batch) {
      const some = creations.slice(from, from + batch).flatMap((one): { one: Creation; making: Making }[] => {
        const making = plan(one, made);
        if (making) made.set(one.entry, making.id);
        return making ? [{ one, making }] : [];
      });
      if (some.length === 0) continue;
      rows.transaction(() => {
        for (const { one, making } of some) {
          const { entry, content, seen } = one;
          rows.putIntent({ item: making.id, entry, content, seen });
        }
      });
      const nodes = await ground.create(some.map(({ making }) => making));
      known.write([], () => {
        for (const [i, { one, making }] of some.entries()) {
          const node = nodes[i];
          rows.dropIntent(making.id);
          if (!node) continue;
          any = true;
          stand(one, node);
        }
      });
    }
    return any;
  };
  /** An item that was made stands for its entry. In a transaction. */
  const stand = (
    { entry, content, seen }: Pick<Creation, 'entry' | 'content' | 'seen'>,
    { id: item, parent, name }: Node,
  ): void => {
    put({ entry, item, parent, name, binned: false, content, seen });
    if (content === null) return;
    memory.read(item, content);
    rows.putReading({ item, content });
  };
  const plan = (one: Creation, made: ReadonlyMap<EntryId, string>): Making | null => {
    const { type, name, content, over } = one;
    const modified = one.modified;
    const id = ground.newId();
    if (over) {
      const node = tree.get(over.item);
      const isAsAgreed = node && !tree.inBin(node) && node.parent === over.parent && node.name === over.name;
      // The person did something to it meanwhile.
      if (!isAsAgreed) return null;
      return { id, type, parent: node.parent, name: node.name, content, modified, over: node.id };
    }
    const parent = 'item' in one.parent ? one.parent.item : made.get(one.parent.entry);
    return parent === undefined ? null : { id, type, parent, name, content, modified, over: null };
  };

  return {
    projection,
    /** Items that were made when the agent was killed stand for their entries. */
    takeUp(intents: Loaded['intents']): void {
      if (intents.length === 0) return;
      known.write([], () => {
        for (const intent of intents) {
          const node = tree.get(intent.item);
          rows.dropIntent(intent.item);
          if (node) stand(intent, node);
        }
      });
    },
    /** @throws what the vault or a full disk throws: what was done until then stays */
    async settle(signal: AbortSignal): Promise<Settled> {
      let conflicts = 0;
      let told = false;
      for (let pass = 0; ; pass++) {
        signal.throwIfAborted();
        if (pass > mostPasses) throw new Error('the vault and what other devices told do not come together');
        const now = projection();
        if (now.conflicts.length > 0) {
          splitOff(now.conflicts);
          conflicts += now.conflicts.length;
          told = true;
          continue;
        }
        const local = { tree, agreed, contentOf: memory.contentOf, isDamaged: ground.isDamaged };
        const absorbed = absorb(local, known.registers, now, ground.newId);
        if (absorbed.drafts.length > 0 || absorbed.put.length > 0 || absorbed.drop.length > 0) {
          writeDown(absorbed);
          if (absorbed.drafts.length > 0) told = true;
          continue;
        }
        const unread = new Set(absorbed.unread);
        const isHeld = (entry: EntryId): boolean => absorbed.held.has(entry);
        const arrangement = arrange(local, known.registers, now, ground.isHere, isHeld, (node) => unread.has(node));
        last = { absorbed, arrangement };
        const { edits, put: agreements, drop: drops, creations, wanted } = arrangement;
        if (edits.length > 0 || agreements.length > 0 || drops.length > 0) {
          move(arrangement);
          continue;
        }
        if (creations.length > 0 && (await make(creations))) continue;
        return { unread: absorbed.unread, wanted, conflicts, told };
      }
    },
    /** As it was when this was last brought together. */
    last: () => last,
  };
}
