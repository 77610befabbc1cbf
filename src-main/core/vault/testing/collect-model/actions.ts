import { join } from 'node:path';
import { noise, testContext } from '../harness.ts';
import { type World, whereOf } from './world.ts';

/** What must be there. Contents follow from names. */
export interface Expected {
  readonly files: ReadonlySet<string>;
  /** Of those, what the catalogue on the places need not know yet: its delta comes within two seconds, which do not pass here. */
  readonly soon: ReadonlySet<string>;
  readonly snapshots: ReadonlyMap<number, ReadonlySet<string>>;
}

export const nothing: Expected = { files: new Set(), soon: new Set(), snapshots: new Map() };

/** `large` and `small` share a pack, so that a pack half dead is made by deleting one of them; `twin` has the bytes of `small`. */
export const contentOf = (name: string): Buffer =>
  name === 'large' ? noise(3_000, 5) : name === 'other' ? noise(1_200, 11) : noise(1_000, 7);

export interface Action {
  /** Left out of a sequence where it would do nothing. */
  makesSense(now: Expected): boolean;
  /** What holds when it has answered. `source` has the files to store. */
  run(world: World, source: string, now: Expected): Promise<Expected>;
}

const h = (world: World) => world.vault.handlers;

const put =
  (...names: string[]) =>
  async ({ vault }: World, source: string, now: Expected): Promise<Expected> => {
    const paths = names.map((name) => join(source, name));
    await vault.handlers['vault.put']({ paths, into: 'root', clash: 'skip' }, testContext());
    return { ...now, files: new Set([...now.files, ...names]), soon: new Set() };
  };

const purge =
  (name: string) =>
  async (world: World, _: string, now: Expected): Promise<Expected> => {
    await h(world)['vault.bin']({ items: [`/${name}`] }, testContext());
    await h(world)['vault.purge']({}, testContext());
    return { ...now, files: new Set([...now.files].filter((one) => one !== name)), soon: new Set() };
  };

export const actions = {
  /** Two files in one pack. */
  put: { makesSense: ({ files }) => !files.has('large') || !files.has('small'), run: put('large', 'small') },
  /** One whose bytes may be there already. */
  twin: { makesSense: ({ files }) => !files.has('twin'), run: put('twin') },
  other: { makesSense: ({ files }) => !files.has('other'), run: put('other') },
  /** Leaves a pack less than half alive: what lives is moved. */
  purgeLarge: { makesSense: ({ files }) => files.has('large'), run: purge('large') },
  purgeSmall: { makesSense: ({ files }) => files.has('small'), run: purge('small') },
  snapshot: {
    makesSense: ({ snapshots }) => snapshots.size < 2,
    async run(world, _, now) {
      const { snapshot } = await h(world)['vault.takeSnapshot']({ name: '' }, testContext());
      return { ...now, snapshots: new Map([...now.snapshots, [snapshot.number, new Set(now.files)]]) };
    },
  },
  forget: {
    makesSense: ({ snapshots }) => snapshots.size > 0,
    async run(world, _, now) {
      const [number = 0] = now.snapshots.keys();
      await h(world)['vault.removeSnapshots']({ snapshots: [number] }, testContext());
      return { ...now, snapshots: new Map([...now.snapshots].filter(([one]) => one !== number)), soon: new Set() };
    },
  },
  /** What a snapshot holds and is not there any more. */
  bringBack: {
    makesSense: ({ files, snapshots }) => [...snapshots.values()].some((seen) => [...seen].some((n) => !files.has(n))),
    async run(world, _, now) {
      const [snapshot = 0, seen = new Set<string>()] =
        [...now.snapshots].find(([, names]) => [...names].some((n) => !now.files.has(n))) ?? [];
      const items = [...seen].filter((name) => !now.files.has(name)).map((name) => `/${name}`);
      await h(world)['vault.restoreFrom']({ snapshot, items, into: 'root', clash: 'skip' }, testContext());
      const back = [...seen].filter((name) => !now.files.has(name));
      return { ...now, files: new Set([...now.files, ...seen]), soon: new Set([...now.soon, ...back]) };
    },
  },
  /** One place loses all that it held, and is repaired. */
  repair: {
    makesSense: () => true,
    async run(world, _, now) {
      world.servers.at(whereOf(1)).files.clear();
      await h(world)['vault.repair']({}, testContext());
      return { ...now, soon: new Set() };
    },
  },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof actions;
export const actionNames = Object.keys(actions) as ActionName[];
