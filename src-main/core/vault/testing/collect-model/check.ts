import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { wrongReferences } from '../../versions/testing/references.ts';
import { readAll, testContext } from '../harness.ts';
import { contentOf, type Expected } from './actions.ts';
import { type Image, openImage, type World, withoutCatalogue } from './world.ts';

const monthMs = 31 * 24 * 60 * 60 * 1000;

export interface Rules {
  /** Files that must be there, whatever else is. */
  readonly must: ReadonlySet<string>;
  /** Files that may be there. */
  readonly may: ReadonlySet<string>;
  readonly snapshots: Expected['snapshots'];
}

/** Between an action's begin and its answer, both what was and what will be is right. */
export function rulesBetween(before: Expected, after: Expected): { here: Rules; elsewhere: Rules } {
  const must = new Set([...before.files].filter((name) => after.files.has(name)));
  const may = new Set([...before.files, ...after.files]);
  const snapshots = new Map([...before.snapshots].filter(([number]) => after.snapshots.has(number)));
  const told = new Set([...must].filter((name) => !before.soon.has(name) && !after.soon.has(name)));
  return { here: { must, may, snapshots }, elsewhere: { must: told, may, snapshots: new Map() } };
}

/**
 * Start again from what was durable, and look: is everything promised there and right, is what the rows refer to there, and is, after
 * collecting, nothing left that nobody needs? Once with the catalogue of this computer, once with that of the places alone.
 *
 * @param placesAlone look at the latter only
 * @returns what is wrong; nothing when all is well
 */
export async function whatIsWrong(
  image: Image,
  { here, elsewhere }: ReturnType<typeof rulesBetween>,
  placesAlone = false,
): Promise<string[]> {
  const mine = placesAlone ? [] : await look(image, here);
  const theirs = await look(withoutCatalogue(image), elsewhere);
  return [...mine, ...theirs.map((one) => `with the catalogue of the places: ${one}`)];
}

async function look(image: Image, rules: Rules): Promise<string[]> {
  const world = await openImage(image);
  try {
    return [...(await wrongFiles(world, rules)), ...(await wrongRows(world)), ...(await garbage(world))];
  } catch (error) {
    return [`it failed: ${error instanceof Error ? error.stack : String(error)}`];
  } finally {
    await world.close().catch(() => {});
  }
}

async function wrongFiles({ vault }: World, { must, may, snapshots }: Rules): Promise<string[]> {
  const h = vault.handlers;
  const wrong: string[] = [];
  const input = { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 100 } as const;
  const { items } = await h['vault.list'](input, testContext());
  for (const { name, id } of items) {
    if (!may.has(name)) wrong.push(`${name} is there`);
    const bytes = await readAll(h['vault.read']({ item: id, offset: 0 }, testContext())).catch(() => null);
    if (bytes === null || !bytes.equals(contentOf(name))) wrong.push(`${name} cannot be read`);
  }
  for (const name of must) if (!items.some((item) => item.name === name)) wrong.push(`${name} is gone`);
  const known = (await h['vault.snapshots']({}, testContext())).snapshots.map(({ number }) => number);
  for (const [snapshot, names] of snapshots) {
    if (!known.includes(snapshot)) {
      wrong.push(`snapshot ${snapshot} is gone`);
      continue;
    }
    const seen = await h['vault.listSnapshot']({ snapshot, folder: 'root', offset: 0, limit: 100 }, testContext());
    const shown = seen.items.map(({ name }) => name).sort();
    if (shown.join() !== [...names].sort().join()) wrong.push(`snapshot ${snapshot} shows ${shown.join()}`);
  }
  for (const snapshot of known) {
    const { ok, problem } = await h['vault.checkSnapshot']({ snapshot }, testContext());
    if (!ok) wrong.push(`snapshot ${snapshot}: ${problem}`);
  }
  return wrong;
}

interface StoredPack {
  readonly name: string;
  readonly k: number;
  readonly all: number;
}

const storedPacks = ({ home }: World): StoredPack[] => {
  const db = new DatabaseSync(join(home, 'vault', 'catalogue.db'), { readOnly: true });
  try {
    const rows = db.prepare(
      `SELECT dir || '/' || lower(hex(id)) AS name, k, k + m AS "all" FROM packs WHERE state = 'stored'`,
    );
    return rows.all() as unknown as StoredPack[];
  } finally {
    db.close();
  }
};

/** Every chunk that a row refers to is in a pack, and of every pack enough shards are there to read it: snapshots too. */
async function wrongRows(world: World): Promise<string[]> {
  const wrong = await wrongReferences(world);
  const names = world.servers.all().flatMap(({ files }) => [...files.keys()]);
  for (const { name, k } of storedPacks(world)) {
    const there = names.filter((one) => one.startsWith(`${name}.`)).length;
    if (there < k) wrong.push(`${there} shards of ${name}, and ${k} are needed`);
  }
  return wrong;
}

/** After repair and collection, and the month that shards of unknown origin wait, the places hold what the rows name and no more. */
async function garbage(world: World): Promise<string[]> {
  const { vault, host, servers } = world;
  const collect = async (): Promise<void> => {
    await vault.handlers['vault.repair']({}, testContext());
    await vault.handlers['vault.purge']({}, testContext());
  };
  await collect();
  host.setNow(host.now() + monthMs);
  await collect();
  const packs = storedPacks(world);
  const wanted = new Set(packs.map(({ name }) => name));
  const wrong: string[] = [];
  const names = servers.all().flatMap(({ files }) => [...files.keys()]);
  for (const name of names) if (!wanted.has(name.slice(0, -3))) wrong.push(`${name} is left over`);
  const all = packs.reduce((sum, pack) => sum + pack.all, 0);
  if (wrong.length === 0 && names.length !== all) wrong.push(`${names.length} shards, and not ${all}`);
  return wrong;
}
