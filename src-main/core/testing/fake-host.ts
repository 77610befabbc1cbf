import type { Host, Keyring } from '#core/host.ts';

export interface FakeHost extends Host {
  keyring: Keyring | null;
  keyringDetail: string;
  /** Move the clock forward, firing due timers in order. Awaits nothing: let promises settle with `await` afterwards. */
  advance(ms: number): void;
  /** Set the clock without firing timers, as when a computer wakes from sleep or its clock is wrong. */
  setNow(at: number): void;
  /** How many timers are armed. */
  timers(): number;
}

export interface FakeHostOptions {
  /** Where the clock starts; 2026-01-01 UTC by default. */
  now?: number;
  /** Same seed, same random bytes. */
  seed?: number;
  keyring?: Keyring | null;
  keyringDetail?: string;
  resources?: string;
}

/** A host for tests: time stands still until told, randomness comes from a seed, timers fire only by `advance`. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  let now = options.now ?? Date.UTC(2026, 0, 1);
  const random = seededRandom(options.seed ?? 1);
  const timers = new Map<number, { at: number; fire: () => void }>();
  let nextTimer = 1;
  return {
    shell: 'test',
    now: () => now,
    random,
    setTimer(ms, fire) {
      const id = nextTimer++;
      timers.set(id, { at: now + Math.max(0, ms), fire });
      return () => void timers.delete(id);
    },
    keyring: options.keyring ?? null,
    keyringDetail: options.keyringDetail ?? 'No keyring in tests.',
    resources: options.resources ?? '',
    advance(ms) {
      const until = now + ms;
      for (;;) {
        // Armed while firing counts too; ties fire in the order they were armed.
        let due: [number, { at: number; fire: () => void }] | undefined;
        for (const entry of timers) {
          if (entry[1].at <= until && (due === undefined || entry[1].at < due[1].at)) due = entry;
        }
        if (due === undefined) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].fire();
      }
      now = until;
    },
    setNow(at) {
      now = at;
    },
    timers: () => timers.size,
  };
}

/** Bytes from a seed (sfc32, public domain, by Chris Doty-Humphrey). Never for real keys. */
export function seededRandom(seed: number): (n: number) => Uint8Array {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return (n) => {
    const out = new Uint8Array(n);
    for (let i = 0; i < n; i++) out[i] = next() & 255;
    return out;
  };
}

/** A keyring in memory: sealing is reversible and worthless as protection; `forget` makes it lose every secret. */
export function createFakeKeyring(): Keyring & { forget(): void } {
  let generation = 1;
  const magic = [0x66, 0x6b];
  return {
    async seal(plain) {
      return Uint8Array.from([...magic, generation, ...plain.map((byte) => byte ^ 0x5a)]);
    },
    async open(sealed) {
      if (sealed[0] !== magic[0] || sealed[1] !== magic[1] || sealed[2] !== generation) {
        throw new Error('the keyring does not know this secret');
      }
      return sealed.slice(3).map((byte) => byte ^ 0x5a);
    },
    forget() {
      generation = (generation + 1) & 255;
    },
  };
}
