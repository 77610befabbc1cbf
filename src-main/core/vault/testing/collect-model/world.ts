import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { createVault, type ShardStore, type VaultService } from '../../index.ts';
import { quietLog, testContext, testKeys } from '../harness.ts';
import { type MemoryServers, memoryServers } from '../memory-places.ts';

/*
 * A vault whose places are in memory and whose catalogue is a small file, so that its durable state can be taken at any moment, as a kill
 * would leave it, and gone on from again and again.
 */

/** All that is durable: files of the vault on this computer, and what the servers hold. */
export interface Image {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly servers: MemoryServers;
}

/** What changed durably: a commit of the catalogue, a shard written or removed. */
export type Step = 'commit' | 'put' | 'remove';

export interface World {
  readonly home: string;
  readonly host: FakeHost;
  readonly keys: ReturnType<typeof testKeys>;
  readonly vault: VaultService;
  readonly servers: MemoryServers;
  image(): Image;
  close(): Promise<void>;
}

export interface Watch {
  /** After each durable step. */
  step?(step: Step): void;
  /** Before each step on a place goes on: an interleaving is chosen here. */
  gate?(): Promise<void>;
}

const kept = ['catalogue.db', 'catalogue.db-wal', 'places.json'];

/** Ids are random: no two openings of one image may make the same ones. */
let seed = 1;

/** One of them is being watched at a time. */
let committed: (() => void) | null = null;
let watching = false;
function watchCommits(): void {
  if (watching) return;
  watching = true;
  let inTransaction = false;
  const { exec } = DatabaseSync.prototype;
  const { run } = StatementSync.prototype;
  DatabaseSync.prototype.exec = function watched(text) {
    exec.call(this, text);
    if (text.startsWith('BEGIN')) inTransaction = true;
    if (text === 'COMMIT' || text === 'ROLLBACK') inTransaction = false;
    if (text === 'COMMIT') committed?.();
  };
  StatementSync.prototype.run = function watched(this: StatementSync, ...values: unknown[]) {
    const result = run.apply(this, values as Parameters<typeof run>);
    if (!inTransaction && result.changes !== 0) committed?.();
    return result;
  };
}

/** Calls it after every commit of any database of this thread, until what it returns is called. */
export function onCommit(call: () => void): () => void {
  watchCommits();
  committed = call;
  return () => {
    committed = null;
  };
}

export const addressOf = (n: number) =>
  ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const;
export const whereOf = (n: number): string => `s${n}.example.org/box`;

/** @param shared places that another world uses too; by default those of the image, its own from here on */
export async function openImage(
  image: Image | null,
  watch: Watch = {},
  shared: MemoryServers | null = null,
): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-collect-'));
  mkdirSync(join(home, 'vault'));
  for (const [name, bytes] of image?.files ?? []) writeFileSync(join(home, 'vault', name), bytes);
  const servers = shared ?? image?.servers.copy() ?? memoryServers();
  const host = createFakeHost({ seed: seed++ });
  const keys = testKeys();
  let closed = false;
  watchCommits();
  const step = (name: Step): void => {
    if (!closed) watch.step?.(name);
  };
  const gate = async (): Promise<void> => {
    if (!closed) await watch.gate?.();
  };
  const wrapStore = (store: ShardStore): ShardStore => ({
    ...store,
    async put(...args) {
      await gate();
      await store.put(...args);
      step('put');
    },
    async remove(name) {
      await gate();
      const there = (await store.size(name)) !== null;
      await store.remove(name);
      if (there) step('remove');
    },
    async settle() {
      await gate();
      await store.settle();
    },
    async list(directory) {
      await gate();
      return store.list(directory);
    },
    async read(...args) {
      await gate();
      return store.read(...args);
    },
  });
  const vault = createVault({
    host,
    log: quietLog,
    emit: () => {},
    home,
    keys,
    workers: 0,
    openRemote: servers.openRemote,
    wrapStore,
    syncLog: () => ({ sync: async () => {}, close: () => {} }),
  });
  if (watch.step) committed = () => step('commit');
  await vault.start();
  return {
    home,
    host,
    keys,
    vault,
    servers,
    image() {
      const files = new Map<string, Uint8Array>();
      for (const name of kept) {
        const path = join(home, 'vault', name);
        if (existsSync(path)) files.set(name, readFileSync(path));
      }
      return { files, servers: servers.copy() };
    },
    async close() {
      closed = true;
      if (watch.step) committed = null;
      await vault.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** An image of a vault that was just set up, over so many places. */
export async function freshImage(profile: { k: number; m: number }, places: number): Promise<Image> {
  const world = await openImage(null);
  const list = Array.from({ length: places }, (_, i) => addressOf(i + 1));
  const credentials = list.map(() => ({ secretKey: 'right' }));
  await world.vault.handlers['vault.setup']({ profile, places: list, credentials }, testContext());
  const image = world.image();
  await world.close();
  return image;
}

/** As it is after the computer was lost, and the phrase and the places were not. */
export function withoutCatalogue({ files, servers }: Image): Image {
  return { files: new Map([...files].filter(([name]) => name === 'places.json')), servers };
}
