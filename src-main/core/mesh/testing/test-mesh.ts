import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { CallContext } from '#core/broker/handlers.ts';
import { systemRandom } from '#core/crypto/random.ts';
import type { Host } from '#core/host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createMesh, type Mesh } from '../index.ts';

/** The whole mesh domain of an agent, with a database and a thread of its own, on loopback. */
export interface TestMesh {
  readonly mesh: Mesh;
  readonly home: string;
  /** Make somebody a contact. @param publicKeys of their devices, as `mesh.status` tells it */
  know(label: string, ...publicKeys: (string | null)[]): void;
  /** Names are not known any more, as after a restart before the first unlock. */
  forgetNames(): void;
  /** Only the short card of this person is here. */
  waitFor(person: string, publicKey: string | null): void;
  /** Whole cards that came over the mesh. */
  readonly cards: string[];
  /** What calls said would undo them, newest last. */
  readonly undone: { method: string; input: unknown }[];
  readonly context: CallContext;
  /** The keys change, as when an identity is made. */
  setSecret(secret: Uint8Array | null): void;
  /** Stop it, and start it anew from what it kept. */
  restart(): Promise<TestMesh>;
  stop(): Promise<void>;
}

export async function startTestMesh(
  options: {
    home?: string;
    secret?: Uint8Array | null;
    known?: Map<string, string[]>;
    locked?: boolean;
    person?: string;
  } = {},
): Promise<TestMesh> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'hypha-mesh-')));
  let secret = options.secret === undefined ? systemRandom(32) : options.secret;
  const known = options.known ?? new Map<string, string[]>();
  const cards: string[] = [];
  let waiting: { contact: string; person: string; meshKeys: string[] } | null = null;
  let locked = options.locked ?? false;
  const contacts = () =>
    [...known].map(([label, meshKeys]) => ({ contact: `id-of-${label}`, label, meshKeys, verified: false }));
  const listeners = new Set<() => void>();
  const watchers = new Set<() => void>();
  const undone: TestMesh['undone'] = [];
  const host: Host = {
    shell: 'test',
    now: () => Date.now(),
    random: systemRandom,
    setTimer(ms, fire) {
      const timer = setTimeout(fire, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
    keyring: null,
    keyringDetail: '',
    resources: '',
  };
  const mesh = createMesh({
    host,
    log: silentLog,
    emit() {},
    home,
    clock: () => performance.now(),
    keys: {
      secret: () => secret,
      onChange(changed) {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    },
    people: {
      names: () => (locked ? [] : contacts()),
      peers: () => contacts().map((one) => ({ ...one, blocked: false })),
      ownDevices: () => [],
      waiting: () => (waiting === null ? [] : [waiting]),
      take(card) {
        cards.push(new TextDecoder().decode(card));
        waiting = null;
        return 'updated';
      },
      myCard: () => new TextEncoder().encode(`card of ${options.person}`),
      onChange(changed) {
        watchers.add(changed);
        return () => watchers.delete(changed);
      },
    },
    isLocked: () => locked,
    person: () => options.person ?? null,
  });
  await mesh.start();
  return {
    mesh,
    home,
    know(label, ...publicKeys) {
      known.set(
        label,
        publicKeys.map((key) => key ?? ''),
      );
      for (const watcher of watchers) watcher();
    },
    waitFor(person, publicKey) {
      waiting = { contact: 'waiting', person, meshKeys: [publicKey ?? ''] };
      for (const watcher of watchers) watcher();
    },
    cards,
    forgetNames() {
      locked = true;
      for (const watcher of watchers) watcher();
    },
    undone,
    context: {
      caller: { connection: 'test', face: 'cli', name: 'test', person: true },
      signal: new AbortController().signal,
      undo: (method, input) => void undone.push({ method, input }),
    },
    setSecret(next) {
      secret = next;
      for (const listener of listeners) listener();
    },
    async restart() {
      await mesh.stop();
      return startTestMesh({ home, secret, known, locked });
    },
    async stop() {
      await mesh.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
