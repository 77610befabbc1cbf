import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '#core/store/atomic-file.ts';
import { listOwn, ownDirectories } from '../service/own-directories.ts';
import { forkKnown } from '../store/fork.ts';
import { MovedOn } from './local/disk.ts';
import type { Rest } from './local/rest.ts';
import { type Scan, scan } from './local/scan.ts';
import { brake, type Question } from './plan/brake.ts';
import { conflictName } from './plan/conflict-name.ts';
import { type NameRules, unfit } from './plan/names.ts';
import { reconcile } from './plan/reconcile.ts';
import type { Plan, Step } from './plan/steps.ts';
import { isWithin, nameOf, parentOf } from './plan/trees.ts';
import type { Problem } from './problem.ts';
import { pullAll } from './pull.ts';
import { pushAll } from './push.ts';
import { type Site, vaultSide } from './site.ts';
import { doSmall, type SmallStep } from './small-steps.ts';

/** Why nothing at all is done now. */
export interface Halt {
  readonly code: 'MISSING' | 'OTHER_DIRECTORY' | 'FOLDER_GONE' | 'TWO_WRITERS' | 'VAULT' | 'FULL' | 'FAILED';
  readonly text: string;
  readonly next: string;
}
export interface RoundResult {
  readonly halt?: Halt;
  readonly question?: Question;
  readonly problems: readonly Problem[];
  /** Steps that could not be done. */
  readonly left: number;
  /** Files that somebody writes to. */
  readonly busy: number;
  readonly directories: readonly string[];
  /** How long looking at the directory took. */
  readonly scanMs: number;
}
export interface RoundOptions {
  readonly site: Site;
  readonly rest: Rest;
  readonly inode: string;
  readonly tag: string;
  readonly rules: NameRules;
  readonly allowed: { readonly vault: ReadonlySet<string>; readonly here: ReadonlySet<string> };
  /** Steps of the plan that is begun, files and all. */
  planned(steps: number): void;
}

/** Plans in a row; each leaves less to do. */
const mostPlans = 64;

/** Look at both sides once, and do what there is to do. @throws what the vault or a full disk throws, and when aborted */
export async function round(options: RoundOptions): Promise<RoundResult> {
  const { site, rest, rules } = options;
  const { session, signal } = site;
  const halted = (halt: Halt): RoundResult => ({
    ...{ halt, problems: [], left: 0, busy: 0, directories: [], scanMs: 0 },
  });
  const halt = await whyNot(options);
  if (halt) return halted(halt);

  const began = performance.now();
  const found = await look(options);
  rest.turn();
  const scanMs = performance.now() - began;
  site.local = found.local;
  site.problems.clear();
  forgetIgnored(site);

  const done = (rest: Pick<RoundResult, 'left' | 'question'>, unfitting: readonly Problem[]): RoundResult => ({
    ...{ problems: [...found.problems, ...unfitting, ...site.problems.values()], busy: found.busy },
    ...{ directories: found.directories, scanMs, ...rest },
  });
  let last = '';
  for (let n = 0; ; n++) {
    signal.throwIfAborted();
    if (site.top !== null && !isThere(site)) return halted(folderGone);
    const { vault, ignored } = vaultSide(site);
    const trees = { local: site.local, vault, agreed: site.agreed.tree };
    const unfitting = unfit(trees, rules);
    const held = new Set([...found.held, ...ignored, ...unfitting.map(({ path }) => path)]);
    const plan = reconcile({ ...trees, held });
    const steps = plan.steps.filter((step) => !site.problems.has('path' in step ? step.path : step.to));
    const said = JSON.stringify(steps);
    // The same again: what is left could not be done, or changes under our hands.
    if (steps.length === 0 || said === last || n === mostPlans) {
      return done({ left: plan.steps.length }, unfitting);
    }
    last = said;
    const files = [...site.agreed.tree.values()].filter(({ kind }) => kind === 'file').length;
    const question = brake(plan, files, options.allowed);
    if (question) return done({ left: plan.steps.length, question }, unfitting);
    options.planned(steps.length);
    await carryOut(site, { ...plan, steps });
  }

  function isThere({ top }: Site): boolean {
    const node = top === null ? null : session.tree.get(top);
    return node?.kind === 'folder' && !session.tree.inBin(node);
  }
}

const folderGone: Halt = {
  code: 'FOLDER_GONE',
  text: 'The folder in the vault is not there any more. Nothing is deleted on this computer.',
  next: 'Bring the folder back from the bin, or stop watching the directory.',
};

async function whyNot({ site, inode }: RoundOptions): Promise<Halt | null> {
  const { session, root, top } = site;
  const node = top === null ? null : session.tree.get(top);
  if (top !== null && (node?.kind !== 'folder' || session.tree.inBin(node))) return folderGone;
  if (forkKnown(session.engine)) {
    return {
      code: 'TWO_WRITERS',
      text: 'Another Hypha writes to the places of this vault too, so what is deleted there cannot be told from what is unknown here.',
      next: 'Stop one of the two, as the notice on the vault’s page says.',
    };
  }
  if (session.unreadable > 0) {
    return {
      code: 'VAULT',
      text: 'A part of the vault’s list of files cannot be read, so what was deleted there cannot be told from what is unreadable.',
      next: 'See the notice on the vault’s page. Nothing is deleted on this computer.',
    };
  }
  const info = await lstat(root, { bigint: true }).catch(() => null);
  if (!info?.isDirectory()) {
    return {
      code: 'MISSING',
      text: `${root} is not there. Nothing is deleted in the vault.`,
      next: 'Connect the drive it is on, or bring it back. It goes on by itself then.',
    };
  }
  if (String(info.ino) !== inode) {
    return {
      code: 'OTHER_DIRECTORY',
      text: `${root} is another directory than the one that was watched. Nothing is deleted on either side.`,
      next: 'Connect the drive it was on. If this is the right one, stop watching it and watch it anew: both sides are then brought together.',
    };
  }
  return null;
}

/** A look at the directory; what a killed agent left there is cleared away first. */
async function look({ site, rest, tag }: RoundOptions): Promise<Scan> {
  const { root, signal, disk, agreed } = site;
  const own = await ownDirectories(listOwn(site.core));
  const known = agreed.tree;
  const options = {
    ...{ root, signal, own, tag, isIgnored: site.isIgnored },
    rests: (path: string, print: string, modified: number) =>
      known.get(path)?.print === print || rest.rests(path, print, modified),
  };
  const first = await scan(options);
  if (first.leftovers.length === 0) return first;
  const device = site.device;
  for (const left of first.leftovers) {
    try {
      disk.rescue(
        left,
        (path) => known.get(path.normalize('NFC').replaceAll('\\', '/'))?.mark ?? null,
        (path) => join(dirname(path), conflictName(nameOf(path), device, new Date(site.core.deps.host.now()))),
      );
    } catch (error) {
      if (!(error instanceof MovedOn)) site.core.deps.log.warn({ error: String(error) }, 'a leftover stays');
    }
  }
  return scan(options);
}

/** What is left out by its name from now on: if it is taken in again one day, it is compared anew. */
function forgetIgnored({ agreed, isIgnored }: Site): void {
  for (const path of [...agreed.tree.keys()]) if (path.split('/').some(isIgnored)) agreed.remove(path);
  agreed.flush();
}

/** Folders made at a time in the vault: the disk is waited for once. */
const mostTogether = 128;

/** One step; or several folders that are to be made in the vault, none in another. */
function together(steps: readonly SmallStep[], at: number): SmallStep[] {
  const some: SmallStep[] = [];
  const made = new Set<string>();
  for (let step = steps[at]; step; step = steps[at + some.length]) {
    const joins = step.do === 'make-vault' && some.length < mostTogether && !made.has(parentOf(step.path));
    if (some.length > 0 && !joins) break;
    some.push(step);
    if (step.do !== 'make-vault') break;
    made.add(step.path);
  }
  return some;
}

async function carryOut(site: Site, { steps }: Plan): Promise<void> {
  const small = steps.filter((step): step is SmallStep => step.do !== 'push' && step.do !== 'pull');
  const failed = new Set<string>();
  const attempt = async (step: SmallStep): Promise<void> => {
    const path = 'path' in step ? step.path : step.to;
    if (isWithin(failed, path)) return;
    if (!(await doSmall(site, step))) failed.add(path);
    site.core.deps.probe?.('watched-step');
  };
  for (let at = 0, turns = 1; at < small.length; turns++) {
    site.signal.throwIfAborted();
    const some = together(small, at);
    at += some.length;
    const done = await Promise.allSettled(some.map(attempt));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
    // Others have their turn.
    if (turns % 64 === 0) await new Promise(setImmediate);
  }
  for (const directory of site.disk.takeTouched()) await syncDirectory(directory).catch(() => {});
  site.agreed.flush();
  site.advance(small.length);
  const of = (what: 'push' | 'pull'): string[] =>
    steps.flatMap((step: Step) => (step.do === what && !isWithin(failed, step.path) ? [step.path] : []));
  await pushAll(site, of('push'));
  await pullAll(site, of('pull'));
}
