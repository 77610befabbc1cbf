import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext, TaskContext } from '#core/broker/handlers.ts';
import type { Logger } from '#core/host.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { createVault, type VaultDeps, type VaultService } from '../index.ts';

export const quietLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Keys that tests lock and unlock. */
export function testKeys(root: Uint8Array | null = new Uint8Array(32).fill(42)) {
  const listeners = new Set<() => void>();
  let now = root;
  let exists = true;
  return {
    root: () => now,
    exist: () => exists,
    onChange(changed: () => void) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    /** There is no identity at all. */
    nobody() {
      exists = false;
      now = null;
    },
    set(next: Uint8Array | null) {
      now = next;
      for (const changed of listeners) changed();
    },
  };
}

export interface TestContext extends TaskContext {
  readonly steps: string[];
  readonly undone: { method: string; input: unknown }[];
  readonly aborter: AbortController;
}

export function testContext(onProgress: (done: number) => void = () => {}): TestContext {
  const aborter = new AbortController();
  const steps: string[] = [];
  const undone: { method: string; input: unknown }[] = [];
  const base: CallContext = {
    caller: { connection: 'test', face: 'ui', name: 'Test', person: true },
    signal: aborter.signal,
    undo: (method, input) => void undone.push({ method, input }),
  };
  return {
    ...base,
    aborter,
    steps,
    undone,
    task: 'task' as TaskId,
    step: (key) => void steps.push(key),
    progress: (done) => onProgress(done),
    rest: () => null,
  };
}

export interface Bench {
  readonly home: string;
  readonly host: FakeHost;
  readonly keys: ReturnType<typeof testKeys>;
  readonly events: AgentEvent[];
  vault: VaultService;
  /** Stop, as a quit does, and start again on the same directory. */
  restart(deps?: Partial<VaultDeps>): Promise<void>;
  close(): Promise<void>;
}

/** A vault in a fresh directory, its work done in this thread unless `workers` says otherwise. */
export async function openBench(extra: Partial<VaultDeps> = {}): Promise<Bench> {
  const home = extra.home ?? (await mkdtemp(join(tmpdir(), 'hypha-vault-')));
  const host = createFakeHost({ seed: Math.floor(Math.random() * 2 ** 31) });
  const keys = testKeys();
  const events: AgentEvent[] = [];
  const make = (more: Partial<VaultDeps>): VaultService =>
    createVault({ host, log: quietLog, emit: (e) => void events.push(e), home, keys, workers: 0, ...extra, ...more });
  let vault = make({});
  await vault.start();
  return {
    home,
    host,
    keys,
    events,
    get vault() {
      return vault;
    },
    set vault(next) {
      vault = next;
    },
    async restart(deps = {}) {
      await vault.stop();
      vault = make(deps);
      await vault.start();
    },
    async close() {
      await vault.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  const out = Buffer.alloc(length);
  let x = seed | 1;
  const words = new Uint32Array(out.buffer, out.byteOffset, length >> 2);
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  for (let i = words.length * 4; i < length; i++) out[i] = (x >>> (i & 3)) & 255;
  return out;
}
