import { join } from 'node:path';
import { wipe } from '#core/crypto/wipe.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { diskFull } from '../failures.ts';
import { isFull } from '../places/places.ts';
import { readFile } from '../service/read.ts';
import { createPipe } from '../service/uploads.ts';
import type { Ingested } from '../store/ingest.ts';
import { manifestFits } from '../store/publish.ts';
import type { Node } from '../tree.ts';
import { createParts, type Part } from './arriving.ts';
import { contentKey, createNamer } from './contents.ts';
import { createGround, type Ready } from './ground.ts';
import { createKnown } from './known.ts';
import { createNaming, type Named } from './naming.ts';
import { type ContentId, type PeerDevice, pieceMostBytes, type ReplicaState, type Wanted } from './ports.ts';
import { createMemory, createSettler, type Settled } from './settle.ts';
import { createRows, loadRows } from './store.ts';

/** After something changed in the vault, and before more of it is taken together. */
const soonMs = 100;
const pace = 10;
const mostPaceMs = 10_000;
/** After something could not be done. */
const againMs = 30_000;
/** Deletions are remembered so long at least, for a vault that was put back from a copy. */
const deletionsMs = 30 * 24 * 3600 * 1000;
/** Files that have come are put into the vault together: so many, so many bytes, or after so long. */
const together = { files: 200, bytes: 32 * 1024 * 1024, ms: 250 };

export interface LifeDeps {
  readonly core: Core;
  readonly session: Session;
  readonly self: PeerDevice;
  readonly signal: AbortSignal;
  told(what: 'told' | 'wanted'): void;
  /** What is in memory is not what is durable any more: begin again. */
  broken(): void;
}
export type Life = Awaited<ReturnType<typeof openLife>>;

const nothing: Settled = { unread: [], wanted: [], conflicts: 0, told: false };

/** The replica while the vault is unlocked. */
export async function openLife({ core, session, self, signal, told, broken }: LifeDeps) {
  const { host, log, home } = core.deps;
  const loaded = await loadRows(session, signal);
  const rows = createRows(session, host.random, core.deps.probe);
  const known = createKnown(rows, loaded, host, self);
  const memory = createMemory(loaded);
  const ready = new Map<ContentId, Ready>();
  const ground = createGround(core, session, memory, ready);
  const settler = createSettler(ground, known, rows, memory);
  const root = core.root();
  const key = contentKey(root);
  const parts = createParts(join(home, 'vault', 'arriving'), root, host.random);
  const found = await parts.find();
  signal.throwIfAborted();
  settler.takeUp(loaded.intents);

  let settled = nothing;
  let wanted: readonly Wanted[] = [];
  let conflicts = 0;
  let problem: ReplicaState['problem'] = null;
  /** Whole and right, and on its way to the places. */
  const landing = new Map<ContentId, Ingested>();
  let landingBytes = 0;
  let showing: Promise<void> = Promise.resolve();
  /** The disk was full: nothing is taken until then. */
  let fullUntil = 0;
  let cancelSoon: (() => void) | null = null;
  let cancelReady: (() => void) | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  const changed = new Set<string>();
  let tookMs = 0;

  const listWanted = (): readonly Wanted[] => {
    const out = new Map<ContentId, Wanted>();
    // Perhaps it is here already, and was not read yet.
    const sizes = new Set(naming.left().map(({ size }) => size));
    for (const { content, name } of settled.wanted) {
      if (!content || out.has(content.content) || sizes.has(content.size)) continue;
      if (ready.has(content.content) || landing.has(content.content)) continue;
      const { size } = content;
      const part = parts.of(content.content);
      const from = part ? part.received() : Math.min(size, (found.get(content.content) ?? 0) * pieceMostBytes);
      out.set(content.content, { content: content.content, size, from, name });
    }
    // What is whole soon comes first.
    return [...out.values()].sort((a, b) => a.size - a.from - (b.size - b.from));
  };
  const once = async (): Promise<void> => {
    settled = await settler.settle(signal);
    conflicts += settled.conflicts;
    known.collect((entry) => memory.agreed.of(entry) !== undefined, deletionsMs);
    const missing = new Set(settled.wanted.map(({ content }) => content?.content));
    for (const [content, one] of ready) {
      if (!ground.itemOf(content) && missing.has(content)) continue;
      ready.delete(content);
      one.release();
      await parts.drop(content);
    }
    // Nobody waits for these any more.
    for (const content of new Set([...found.keys(), ...parts.all()])) {
      if (missing.has(content) || landing.has(content)) continue;
      found.delete(content);
      await parts.drop(content);
    }
    const before = wanted;
    wanted = listWanted();
    problem = null;
    if (settled.told) told('told');
    if (wanted.length > 0 && wanted.some(({ content }, i) => before[i]?.content !== content)) told('wanted');
    if (wanted.length === 0 && before.length > 0) told('wanted');
    core.changed([], false);
    naming.start();
  };
  const failed = (error: unknown): void => {
    if (signal.aborted) return;
    log.warn({ error: String(error) }, 'the files of several devices could not be brought together');
    problem = isFail(error)
      ? { text: error.message, next: error.next ?? 'It is tried again by itself.' }
      : { text: `It could not go on (${String(error)}).`, next: 'It is tried again by itself.' };
    cancelSoon?.();
    cancelSoon = host.setTimer(againMs, () => {
      cancelSoon = null;
      if (known.isBroken()) broken();
      else void run();
    });
  };
  /** Nothing is to be told of it: it lies as agreed, mostly because it was put there by this. */
  const isAgreed = (id: string): boolean => {
    const node = session.tree.get(id);
    const known = memory.agreed.ofItem(id);
    const isAway = !node || session.tree.inBin(node);
    if (!known) return isAway;
    return node?.parent === known.parent && node.name === known.name && isAway === known.binned;
  };
  const isStale = (): boolean => {
    for (const id of changed) if (!isAgreed(id)) return true;
    changed.clear();
    return false;
  };
  const run = (): Promise<void> => {
    again = true;
    running ??= (async () => {
      while ((again || isStale()) && !signal.aborted) {
        again = false;
        changed.clear();
        const began = performance.now();
        await once();
        tookMs = performance.now() - began;
      }
    })()
      .catch(failed)
      .finally(() => {
        running = null;
      });
    return running;
  };
  /** Files whose contents have their names now. */
  async function named(done: readonly Named[]): Promise<void> {
    known.write([], () => {
      for (const one of done) rows.putReading(one);
    });
    for (const { item, content } of done) memory.read(item, content);
    await run();
  }
  const naming = createNaming({ session, key, host, log, signal, unread: () => settled.unread, save: named, failed });

  /** @param ids of items that changed; left out: something that others told */
  const hint = (ids?: readonly string[]): void => {
    if (ids) for (const id of ids) changed.add(id);
    else again = true;
    if (signal.aborted || running || cancelSoon) return;
    // With very many files a look takes its time: for at most a tenth of it.
    cancelSoon = host.setTimer(Math.max(soonMs, Math.min(mostPaceMs, tookMs * pace)), () => {
      cancelSoon = null;
      if (again || isStale()) void run();
    });
  };

  /** All that is whole comes into the vault, together: each alone would wait for packs of its own. */
  const land = async (): Promise<void> => {
    const all = [...landing];
    if (all.length === 0) return;
    session.ingest.flush();
    const outcomes = await Promise.allSettled(all.map(([, { stored }]) => stored));
    for (const [i, [content, { file, release }]] of all.entries()) {
      landing.delete(content);
      landingBytes -= file.size;
      const outcome = outcomes[i];
      if (outcome?.status === 'fulfilled') ready.set(content, { stored: file, release });
      else {
        release();
        if (isFail(outcome?.reason, 'DISK_FULL')) fullUntil = host.now() + againMs;
        failed(outcome?.reason);
      }
    }
    await run();
  };
  const show = (): Promise<void> => {
    cancelReady?.();
    cancelReady = null;
    showing = showing.then(land).catch(failed);
    return showing;
  };
  const takeWhole = async (content: ContentId, part: Part): Promise<void> => {
    const pipe = createPipe();
    const ingested = session.ingest.file(
      part.size,
      () => pipe.source,
      () => {},
      signal,
    );
    ingested.catch((error: unknown) => pipe.fail(error));
    const namer = createNamer(key);
    let got = 0;
    try {
      for await (const bytes of part.read()) {
        namer.update(bytes);
        got += bytes.length;
        await pipe.push(bytes);
      }
      // A power cut took what was said to be written.
      if (got < part.size) {
        await part.cut(got);
        throw new Cut();
      }
      if (namer.name() !== content) {
        await parts.drop(content);
        found.delete(content);
        throw badContent();
      }
      pipe.end();
      const done = await ingested;
      if (!manifestFits(done.file.chunks.length, session.vault)) {
        await parts.drop(content);
        throw tooLarge();
      }
      landing.set(content, done);
      landingBytes += done.file.size;
    } catch (error) {
      pipe.fail(error);
      ingested.then((done) => done.release()).catch(() => {});
      throw error;
    }
  };
  const arrived = async (
    content: ContentId,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ received: number; done: boolean }> => {
    const wish = wanted.find((one) => one.content === content);
    if (!wish) {
      if (landing.has(content) || ready.has(content) || ground.itemOf(content)) return { received: offset, done: true };
      throw fail('NOT_WANTED', 'Nothing waits for these bytes any more.');
    }
    if (host.now() < fullUntil) throw diskFull([], null);
    const part = parts.of(content) ?? parts.begin(content, wish.size, found.get(content) ?? 0);
    const { size } = part;
    if (offset !== part.received() || offset + bytes.length > size) return { received: part.received(), done: false };
    try {
      if (bytes.length > 0) await part.add(bytes);
    } catch (error) {
      await part.cut(part.kept()).catch(() => {});
      if (!isFull(error)) throw error;
      fullUntil = host.now() + againMs;
      throw diskFull([home], null);
    }
    if (part.received() < size) return { received: part.received(), done: false };
    try {
      await takeWhole(content, part);
    } catch (error) {
      if (error instanceof Cut) return { received: part.received(), done: false };
      throw error;
    }
    wanted = wanted.filter((one) => one.content !== content);
    if (landing.size >= together.files || landingBytes >= together.bytes) await show();
    else cancelReady ??= host.setTimer(together.ms, () => void show());
    return { received: size, done: true };
  };

  const nodeOf = (content: ContentId): Node => {
    const node = ground.itemOf(content);
    if (!node) throw fail('NOT_FOUND', 'This device does not have these bytes.');
    return node;
  };

  return {
    known,
    hint,
    arrived,
    take(peer: string, batch: Uint8Array): { changed: boolean; more: boolean } {
      const result = known.take(peer, batch);
      if (result.changed) hint();
      return result;
    },
    wants: (limit: number): readonly Wanted[] => wanted.slice(0, limit),
    has: (content: ContentId): number | null => ground.itemOf(content)?.size ?? null,
    async read(content: ContentId, offset: number, length: number, until: AbortSignal): Promise<Uint8Array> {
      const node = nodeOf(content);
      const most = Math.max(0, Math.min(length, pieceMostBytes, node.size - offset));
      const out = new Uint8Array(most);
      let got = 0;
      for await (const bytes of readFile(session, node.id, offset, most, until)) {
        out.set(bytes, got);
        got += bytes.length;
      }
      until.throwIfAborted();
      return out.subarray(0, got);
    },
    state(): ReplicaState {
      const unread = naming.left();
      return {
        entries: settler.projection().shown.size,
        waiting: { files: wanted.length, bytes: wanted.reduce((sum, { size, from }) => sum + size - from, 0) },
        reading: { files: unread.length, bytes: unread.reduce((sum, { size }) => sum + size, 0) },
        conflicts,
        deletions: known.deletions(),
        devices: [...known.peers()].map(([id, { told, heard }]) => ({ id: id as PeerDevice['id'], told, heard })),
        problem,
      };
    },
    run,
    async settled(): Promise<void> {
      await naming.hurrying(async () => {
        for (let n = 0; n < 1000 && !signal.aborted; n++) {
          await show();
          await run();
          const reading = naming.running();
          if (!reading) return;
          await reading;
        }
      });
    },
    async close(): Promise<void> {
      cancelSoon?.();
      cancelReady?.();
      await running;
      await naming.stop();
      await showing;
      for (const { release } of [...ready.values(), ...landing.values()]) release();
      await parts.close();
      wipe(key);
    },
  };
}

/** Less is there than was written. */
class Cut extends Error {}

const tooLarge = () =>
  fail('TOO_LARGE', 'This file is larger than the places of this vault can describe (about 200 GB with 4+2).', {
    meaning: 'It stays on the other device.',
  });

const badContent = () =>
  fail('BAD_CONTENT', 'What came is not what was asked for.', {
    meaning: 'It was thrown away; nothing of it is in the vault.',
    next: 'It is asked for again by itself.',
  });
