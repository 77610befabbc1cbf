import type { Rehearsal } from '#shared/contract/vault/recovery.ts';
import { whereWords } from '#shared/contract/vault.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Reading, Session } from '../core.ts';
import { throwIfAborted } from '../failures.ts';
import type { VaultKeys } from '../format/keys.ts';
import { loadTree } from '../load-tree.ts';
import type { PlannedPlace } from '../places/remembered.ts';
import type { VaultDeps } from '../ports.ts';
import { manifestOf, readFile } from '../service/read.ts';
import { isOlder } from '../store/heads.ts';
import { lookIntoWith } from '../store/look-into.ts';
import type { Node } from '../tree.ts';
import { problemWith, snapshotsOf } from '../versions/take.ts';
import type { KnownState } from './kit-format.ts';
import { type LookedAt, lookAt } from './read-kit.ts';

/** The directory of a rehearsal, below the vault's own; it is removed at its end, and at the next start. */
export const rehearsalDirectory = 'rehearsal';
/** Of all files together; a rehearsal is no download. */
const mostBytes = 512 * 1024 * 1024;

export interface Rehearsing {
  readonly deps: VaultDeps;
  /** What this computer knows, to compare with. */
  readonly live: Session;
  readonly keys: VaultKeys;
  /** What the kit knows of the vault's newest state. */
  readonly state: KnownState | null;
  readonly places: readonly PlannedPlace[];
  /** Places that are lost with this computer. */
  readonly here: ReadonlySet<string>;
  readonly files: number;
  readonly signal: AbortSignal;
  step(key: string, text: string, progress?: { total: number | null; unit: 'bytes' | 'items' | 'steps' }): void;
  progress(done: number): void;
}

type Outcome = Omit<Rehearsal, 'at' | 'tookMs' | 'keys' | 'kit' | 'lacking'>;

/** Whole numbers below `below`, each as likely. */
function anyBelow(random: (n: number) => Uint8Array, below: number): number {
  const bytes = random(6);
  // 48 bits: how little the first numbers are favoured nobody could measure.
  return bytes.reduce((value, byte) => value * 256 + byte, 0) % below;
}

/** So many at random, all of them where there are no more. */
function sample<T>(random: (n: number) => Uint8Array, all: readonly T[], count: number): T[] {
  const pool = [...all];
  const chosen: T[] = [];
  while (chosen.length < count && pool.length > 0) chosen.push(...pool.splice(anyBelow(random, pool.length), 1));
  return chosen;
}

/** The chunks of a file are those that this computer knows; true too where it knows another version by now. */
function isAsKnown(live: Session, reading: Reading, node: Node): boolean {
  const known = live.tree.get(node.id);
  if (!known || known.size !== node.size || known.modified !== node.modified) return true;
  const [mine, theirs] = [manifestOf(live, node.id), manifestOf(reading, node.id)];
  return mine.length === theirs.length && mine.every(({ id }, i) => Buffer.compare(id, theirs[i]?.id ?? id) === 0);
}

/**
 * Read the vault as an empty computer would: its catalogue from the places alone, then files by that. A chunk that is read was found by
 * its keyed hash and opened with its own key, so what comes out is what was stored, or an error.
 */
export async function rehearse(about: Rehearsing): Promise<Outcome> {
  const { deps, live, keys, state, places, here, files, signal, step, progress } = about;
  const { k, m } = live.vault;
  step('look', 'Looking at the places');
  const seen = await lookAt(deps, Buffer.from(keys.vaultId).toString('hex'), places);
  const there = seen.filter(({ why }) => why === null);
  const elsewhere = there.filter(({ place }) => !here.has(place.id));
  // As if this computer were lost, where that leaves enough.
  const computerLost = elsewhere.length >= k;
  const used = new Set((computerLost ? elsewhere : there).map(({ place }) => place.id));
  const told = seen.map(({ place, why }: LookedAt) => ({
    name: place.name,
    where: whereWords(place.address),
    state: used.has(place.id) ? ('used' as const) : why === null ? ('here' as const) : ('missing' as const),
    why: why ?? '',
  }));
  const nothing = { files: 0, tried: 0, bytes: 0, wrong: 0, behind: false, snapshot: null };
  const start = { computerLost, needed: k, places: told, ...nothing };
  if (used.size < k) {
    return { ...start, ok: false, problem: `Only ${used.size} of the places are there, and ${k} are needed.` };
  }
  step('list', 'Reading the list of files from the places');
  const planned = places.filter(({ id }) => used.has(id));
  return lookIntoWith(deps, rehearsalDirectory, { k, m }, keys, planned, async ({ found, catalogue, packs }) => {
    throwIfAborted(signal);
    if (found.generation === 0)
      return { ...start, ok: false, problem: 'The list of files cannot be read from these places.' };
    const reading: Reading = { catalogue, packs, keys, signal };
    const { tree } = await loadTree(catalogue, keys, signal);
    const all = [...everyFile(tree)];
    const chosen = sample(deps.host.random, all, files);
    step('files', 'Reading files to their last byte', { total: chosen.length, unit: 'items' });
    let [bytes, wrong, tried] = [0, 0, 0];
    for (const node of chosen) {
      throwIfAborted(signal);
      if (tried > 0 && bytes + node.size > mostBytes) continue;
      try {
        let size = 0;
        for await (const piece of readFile(reading, node.id, 0, node.size, signal)) size += piece.length;
        bytes += size;
        if (size !== node.size || !isAsKnown(live, reading, node)) wrong++;
      } catch (error) {
        throwIfAborted(signal);
        if (!isFail(error, 'DAMAGED')) throw error;
        wrong++;
      }
      progress(++tried);
    }
    step('snapshot', 'Checking the newest snapshot');
    const newest = snapshotsOf(reading).at(-1)?.snapshot;
    const bad = newest ? await problemWith(reading, newest.number, signal) : null;
    const snapshot = newest ? { number: newest.number, at: newest.at, ok: bad === null } : null;
    const behind = found.incomplete || found.generation < (live.catalogue.vault()?.published ?? 0);
    const problem =
      wrong > 0
        ? `${wrong} of ${tried} files cannot be read from these places, or are not what they were.`
        : found.mixed
          ? 'The copies of the list of files on these places do not all belong together.'
          : state && isOlder(found, state)
            ? 'These places show an older state than the kit knows.'
            : found.incomplete
              ? 'The newest changes lie on places that are not there.'
              : bad !== null
                ? `The newest snapshot is not in order: ${bad}`
                : found.unreadable > 0
                  ? `${found.unreadable} entries of the list of files cannot be read.`
                  : '';
    return { ...start, ok: problem === '', problem, files: all.length, tried, bytes, wrong, behind, snapshot };
  });
}

function* everyFile(tree: Session['tree']): Generator<Node> {
  for (const top of tree.root.values()) {
    if (top.kind === 'file') yield top;
    else for (const node of tree.below(top)) if (node.kind === 'file') yield node;
  }
}
