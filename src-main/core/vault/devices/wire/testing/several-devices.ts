import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { decode, encode } from '@msgpack/msgpack';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type DeviceId, deviceIdSchema } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createOwnDevices, type OwnDevicesSwitch } from '../../own-devices.ts';
import type { Devices, Replica, Wanted } from '../../ports.ts';
import type { DevicePeople } from '../ports.ts';

/* Devices of one person in memory: the real keys, membership and exchange over pipes that tests cut and listen to, with a tree of the simplest kind. */

interface Entry {
  readonly id: DeviceId;
  readonly name: string;
  readonly mesh: string;
  readonly sign: Uint8Array;
  revokedAt: number | null;
}

/** A map of names to contents: the later writer wins. Holds what it was told of, fetches what it lacks. */
export class FakeReplica implements Replica {
  readonly device: DeviceId;
  readonly names = new Map<string, { content: string; size: number; at: number }>();
  readonly contents = new Map<string, Uint8Array>();
  readonly partial = new Map<string, Uint8Array>();
  readonly forgotten: DeviceId[] = [];
  peers: readonly { id: DeviceId }[] = [];
  /** Of all that came: where each piece began. */
  readonly arrivals: { content: string; offset: number; length: number }[] = [];
  full = false;
  locked = () => false;
  #listeners = new Set<(what: 'told' | 'wanted') => void>();

  constructor(device: DeviceId) {
    this.device = device;
  }
  write(name: string, bytes: Uint8Array, at: number): void {
    const content = toHex(sha256(bytes));
    this.contents.set(content, bytes);
    this.names.set(name, { content, size: bytes.length, at });
    this.#tell('told');
  }
  read_(name: string): Uint8Array | null {
    const one = this.names.get(name);
    return (one && this.contents.get(one.content)) ?? null;
  }
  #tell(what: 'told' | 'wanted'): void {
    for (const listener of this.#listeners) listener(what);
  }
  #open(): void {
    if (this.locked()) throw fail('LOCKED', 'locked');
  }
  setPeers(peers: readonly { id: DeviceId }[]): void {
    this.#open();
    this.peers = peers;
  }
  vector(): Uint8Array {
    this.#open();
    return encode([...this.names].map(([name, { at }]) => [name, at]));
  }
  since(_peer: DeviceId, vector: Uint8Array): Uint8Array | null {
    this.#open();
    const known = new Map(decode(vector) as [string, number][]);
    const more = [...this.names].filter(([name, { at }]) => (known.get(name) ?? -1) < at);
    return more.length === 0 ? null : encode(more);
  }
  async take(_peer: DeviceId, batch: Uint8Array) {
    this.#open();
    let changed = false;
    for (const [name, one] of decode(batch) as [string, { content: string; size: number; at: number }][]) {
      if ((this.names.get(name)?.at ?? -1) >= one.at) continue;
      this.names.set(name, one);
      changed = true;
    }
    if (changed) this.#tell('wanted');
    return { changed, more: false };
  }
  onChange(changed: (what: 'told' | 'wanted') => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }
  wants(limit: number): readonly Wanted[] {
    this.#open();
    return [...this.names]
      .filter(([, { content }]) => !this.contents.has(content))
      .slice(0, limit)
      .map(([name, { content, size }]) => ({ content, size, name, from: this.partial.get(content)?.length ?? 0 }));
  }
  has = (content: string): number | null => this.contents.get(content)?.length ?? null;
  async read(content: string, offset: number, length: number): Promise<Uint8Array> {
    this.#open();
    const bytes = this.contents.get(content);
    if (bytes === undefined) throw fail('NOT_FOUND', 'not here');
    return bytes.slice(offset, offset + length);
  }
  async arrived(content: string, offset: number, bytes: Uint8Array) {
    this.#open();
    if (this.full) throw fail('DISK_FULL', 'The disk is full.', { next: 'Make room.' });
    this.arrivals.push({ content, offset, length: bytes.length });
    const before = this.partial.get(content) ?? new Uint8Array(0);
    if (before.length !== offset) return { received: before.length, done: false };
    const now = Buffer.concat([before, bytes]);
    const size = [...this.names.values()].find((one) => one.content === content)?.size ?? 0;
    if (now.length < size) {
      this.partial.set(content, now);
      return { received: now.length, done: false };
    }
    this.partial.delete(content);
    if (toHex(sha256(now)) !== content) throw fail('BAD_CONTENT', 'not what it was said to be');
    this.contents.set(content, now);
    return { received: now.length, done: true };
  }
  forget(device: DeviceId): void {
    this.#open();
    this.forgotten.push(device);
  }
  state() {
    const waiting = this.wants(1000);
    return {
      entries: this.names.size,
      waiting: { files: waiting.length, bytes: waiting.reduce((sum, { size, from }) => sum + size - from, 0) },
      ...{ reading: { files: 0, bytes: 0 }, conflicts: 0, deletions: 0, devices: [], problem: null },
    };
  }
  async settled(): Promise<void> {}
}

/** What went over the pipes: tests listen, and cut. */
export class FakeMesh {
  readonly #listeners = new Map<string, (stream: Duplex, device: string) => void>();
  readonly #admits = new Map<string, (device: string) => boolean>();
  readonly #open = new Map<Duplex, readonly [string, string]>();
  /** Bytes that were delivered to each mesh key. */
  readonly heard = new Map<string, Buffer[]>();
  /** Called with every chunk to a device; true cuts the connection there. */
  cutAt: ((to: string, chunk: Uint8Array) => boolean) | null = null;
  readonly away = new Set<string>();

  listen(mesh: string, admits: (device: string) => boolean, accept: (stream: Duplex, device: string) => void) {
    this.#listeners.set(mesh, accept);
    this.#admits.set(mesh, admits);
    return async () => {
      this.#listeners.delete(mesh);
    };
  }
  async dial(from: string, to: string): Promise<Duplex> {
    const accept = this.#listeners.get(to);
    if (accept === undefined || this.away.has(to) || this.away.has(from) || !this.#admits.get(to)?.(from)) {
      throw fail('UNREACHABLE', 'nobody answers');
    }
    const [near, far] = duplexPair();
    this.#open.set(near, [from, to]);
    this.#open.set(far, [to, from]);
    // As the mesh does: when one end is destroyed, so is the other.
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    this.#watch(near, from);
    this.#watch(far, to);
    accept(far, from);
    return near;
  }
  #watch(stream: Duplex, at: string): void {
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk instanceof Uint8Array) {
        const all = this.heard.get(at) ?? [];
        this.heard.set(at, all);
        all.push(Buffer.from(chunk));
        if (this.cutAt?.(at, chunk)) {
          stream.destroy(new Error('cut'));
          return false;
        }
      }
      return push(chunk, encoding);
    };
    stream.once('close', () => this.#open.delete(stream));
  }
  /** Everybody who is not admitted any more is cut off, as the node does when people change. */
  peopleChanged(): void {
    for (const [stream, [at, other]] of this.#open) {
      const admits = this.#admits.get(at);
      if (admits !== undefined && !admits(other)) stream.destroy();
    }
  }
  cut(mesh: string): void {
    for (const [stream, ends] of this.#open) if (ends.includes(mesh)) stream.destroy();
  }
}

export interface FakeDevice {
  readonly id: DeviceId;
  readonly mesh: string;
  readonly own: OwnDevicesSwitch;
  /** There while it is on. */
  replica(): FakeReplica;
  readonly seed: Uint8Array;
  lock(): void;
  unlock(): void;
  /** Say in this device's log that another is revoked. */
  revoke(device: FakeDevice): void;
  /** Certified by another device with the person's keys: in this one's log. */
  certify(entry: Entry): void;
  readonly entry: Entry;
  end(): Promise<void>;
}

const root = new Uint8Array(32).fill(7);

/** A person with devices that know each other, each with a vault of its own, unlocked. */
export async function severalDevices(names: readonly string[]) {
  const mesh = new FakeMesh();
  const home = await mkdtemp(join(tmpdir(), 'hypha-devices-'));
  const entries = names.map((name, i): Entry => {
    const sign = ed25519PublicKey(new Uint8Array(32).fill(i + 1));
    return { id: idOf(sign), name, mesh: toHex(sha256(sign)), sign, revokedAt: null };
  });
  const devices = await Promise.all(entries.map((_, i) => makeDevice(mesh, home, entries, i)));
  return {
    mesh,
    devices,
    async end() {
      await Promise.all(devices.map((device) => device.end()));
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const idOf = (sign: Uint8Array): DeviceId =>
  deviceIdSchema.parse(Buffer.from(sha256(sign).subarray(0, 16)).toString('base64url'));

async function makeDevice(mesh: FakeMesh, top: string, entries: readonly Entry[], i: number): Promise<FakeDevice> {
  const me = entries[i];
  if (me === undefined) throw new Error('no such device');
  const seed = new Uint8Array(32).fill(i + 1);
  let log = new Map(entries.map((entry) => [entry.id, { ...entry }]));
  let unlocked = true;
  const peopleListeners = new Set<() => void>();
  const keyListeners = new Set<() => void>();
  const lockers: (() => void)[] = [];
  const openers: (() => void)[] = [];
  const changed = (): void => {
    for (const listener of peopleListeners) listener();
    mesh.peopleChanged();
  };
  const text = (): string => JSON.stringify([...log.values()].map(({ id, revokedAt }) => [id, revokedAt]).sort());
  const people: DevicePeople = {
    list: () => [...log.values()].map((entry) => ({ ...entry, addedAt: 1, current: entry.id === me.id })),
    hasKeys: () => true,
    sign: (bytes) => ed25519Sign(seed, bytes),
    verify: (device, bytes, signature) => {
      const known = log.get(device as DeviceId);
      return known !== undefined && ed25519Verify(known.sign, bytes, signature);
    },
    digest: () => sha256(Buffer.from(text())),
    log: () => encode([...log.values()]),
    async merge(bytes) {
      const before = text();
      const next = new Map(log);
      for (const other of decode(bytes) as Entry[]) {
        const known = next.get(other.id);
        const revokedAt = known?.revokedAt ?? other.revokedAt;
        next.set(other.id, { ...other, revokedAt });
      }
      log = next;
      if (text() === before) return false;
      changed();
      return true;
    },
    onChange: (listener) => {
      peopleListeners.add(listener);
      return () => void peopleListeners.delete(listener);
    },
  };
  const admits = (other: string): boolean =>
    [...log.values()].some((entry) => entry.mesh === other && entry.revokedAt === null && entry.id !== me.id);
  let replica: FakeReplica | null = null;
  const replicas: Devices = {
    async start(self) {
      replica ??= new FakeReplica(self.id);
      replica.locked = () => !unlocked;
      return replica;
    },
    async stop() {},
    async leave() {
      replica = null;
    },
  };
  const session = { vault: { id: new Uint8Array(16).fill(i + 1) } };
  const host = {
    ...createFakeHost({ seed: i + 1 }),
    now: () => Date.now(),
    setTimer(ms: number, fire: () => void) {
      const timer = setTimeout(fire, ms).unref();
      return () => clearTimeout(timer);
    },
  };
  const own = createOwnDevices(
    {
      deps: {
        ...{ host, log: silentLog, emit: () => {}, home: join(top, me.name) },
        keys: {
          root: () => (unlocked ? root : null),
          exist: () => true,
          onChange: (listener) => {
            keyListeners.add(listener);
            return () => void keyListeners.delete(listener);
          },
        },
        ownDevices: {
          people,
          streams: {
            dial: (to) => mesh.dial(me.mesh, to),
            listen: (_port, accept) => mesh.listen(me.mesh, admits, accept),
          },
        },
      },
      root() {
        if (!unlocked) throw fail('LOCKED', 'locked');
        return root;
      },
      state: () => (unlocked ? 'ready' : 'locked'),
      current: () => (unlocked ? session : null),
      async session() {
        if (!unlocked) throw fail('LOCKED', 'locked');
        return session;
      },
      onLock: (forget) => void lockers.push(forget),
      onSession: (listen) => void openers.push(listen),
    },
    replicas,
  );
  await own.start();
  return {
    ...{ id: me.id, mesh: me.mesh, own, seed, entry: me },
    replica() {
      if (replica === null) throw new Error('it is off');
      return replica;
    },
    lock() {
      unlocked = false;
      for (const one of [...keyListeners, ...lockers]) one();
    },
    unlock() {
      unlocked = true;
      for (const one of [...keyListeners, ...openers]) one();
    },
    revoke(device) {
      const known = log.get(device.id);
      if (known) log = new Map(log).set(device.id, { ...known, revokedAt: Date.now() });
      changed();
    },
    certify(entry) {
      log = new Map(log).set(entry.id, { ...entry });
      changed();
    },
    end: () => own.stop(),
  };
}
