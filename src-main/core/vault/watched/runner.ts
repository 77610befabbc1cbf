import { isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { foldName } from '../names.ts';
import { namesAlike } from '../service/target-names.ts';
import { createDisk } from './local/disk.ts';
import { createHints, type Hints } from './local/hints.ts';
import { createRest, restMs } from './local/rest.ts';
import type { Question } from './plan/brake.ts';
import { ignorer } from './plan/ignore.ts';
import type { Problem } from './problem.ts';
import type { WatchedRecord } from './record.ts';
import { type Halt, type RoundResult, round } from './round.ts';
import type { Site } from './site.ts';
import { openAgreed } from './store.ts';

/** After a hint, and before more of them can be taken together. */
const debounceMs = 700;
const second = 1000;
/** Looks at everything, whether something was hinted at or not. */
const regularMs = { hinted: 5 * 60 * second, unhinted: 60 * second };
/** A directory is looked at for at most a tenth of the time, however much goes on in it. */
const pace = 10;
const mostPaceMs = 60 * second;
/** After something could not be done. */
const againMs = 30 * second;

export interface RunnerState {
  readonly state: 'looking' | 'working' | 'current' | 'waiting' | 'asking' | 'stopped';
  readonly halt: Halt | null;
  readonly question: Question | null;
  readonly problems: readonly Problem[];
  /** Files that both sides agree on. */
  readonly files: number;
  /** Of the plan that is being carried out. */
  readonly done: number;
  readonly total: number;
  readonly busy: number;
  /** When both sides were last found to hold the same. */
  readonly agreedAt: number | null;
  readonly hintProblem: string | null;
}
export interface Runner {
  view(): RunnerState;
  /** Something may have changed. */
  hint(): void;
  /** Look now and do all there is to do; resolves when a look that began after the call has ended. */
  now(progress?: (done: number, total: number) => void): Promise<void>;
  /** The question that waits: delete, or bring the files back. @returns false when there is none */
  answer(what: 'delete' | 'keep'): boolean;
  stop(): Promise<void>;
}

interface RunnerDeps {
  readonly core: Core;
  readonly session: Session;
  readonly id: string;
  readonly record: WatchedRecord;
  readonly device: string;
  /** Its state has changed. */
  changed(): void;
}

/** Keeps one directory and one folder the same while the vault is unlocked. One look at a time. */
export function createRunner({ core, session, id, record, device, changed }: RunnerDeps): Runner {
  const { host, log } = core.deps;
  const abort = new AbortController();
  const signal = AbortSignal.any([session.signal, abort.signal]);
  const agreed = openAgreed(session, host.random, id);
  const rest = createRest(host.now);
  const allowed = { vault: new Set<string>(), here: new Set<string>() };
  const platform = process.platform === 'win32' ? 'win32' : 'posix';
  let alike: ((text: string) => string) | null = null;
  let asked = false;
  const site: Site = {
    ...{ core, session, signal, top: record.folder, root: record.directory, agreed, device },
    disk: createDisk(record.directory, record.tag, core.deps.probe),
    local: new Map(),
    alike: (a, b) => a !== b && alike !== null && alike(a) === alike(b),
    problems: new Map(),
    isIgnored: ignorer(record.ignore),
    advance(files) {
      state = { ...state, done: Math.min(state.total, state.done + files) };
      for (const each of watchers) each(state.done, state.total);
      changed();
    },
  };
  const countFiles = (): number => [...agreed.tree.values()].filter(({ kind }) => kind === 'file').length;
  let state: RunnerState = {
    ...{ state: 'looking', halt: null, question: null, problems: [], files: countFiles(), done: 0, total: 0, busy: 0 },
    ...{ agreedAt: null, hintProblem: null },
  };
  const watchers = new Set<(done: number, total: number) => void>();
  let hints: Hints | null = null;
  let cancel: (() => void) | null = null;
  let due = Number.POSITIVE_INFINITY;
  let notBefore = 0;
  let running: Promise<void> | null = null;
  let hinted = false;

  const set = (next: Partial<RunnerState>): void => {
    state = { ...state, ...next };
    changed();
  };

  const wake = (ms: number): void => {
    if (signal.aborted) return;
    // A clock that was set back makes nobody wait for longer than a pace.
    const at = Math.max(host.now() + ms, Math.min(notBefore, host.now() + mostPaceMs));
    if (cancel && due <= at) return;
    cancel?.();
    due = at;
    cancel = host.setTimer(at - host.now(), () => {
      cancel = null;
      due = Number.POSITIVE_INFINITY;
      void run();
    });
  };

  const hint = (): void => {
    hinted = true;
    if (!running) wake(debounceMs);
  };

  /** Which names this disk takes for one is found out once. */
  const learnNames = async (): Promise<void> => {
    if (asked) return;
    const told = await namesAlike(record.directory, record.tag).catch(() => foldName);
    // Case counts here: what the vault tells apart, the disk does too, for names in the vault are composed.
    alike = told('a') === told('A') ? told : null;
    asked = true;
  };

  const once = async (): Promise<RoundResult> => {
    hinted = false;
    set({ state: 'looking', done: 0, total: 0 });
    await learnNames();
    const { inode, tag } = record;
    const planned = (steps: number): void => set({ state: 'working', total: state.total + steps });
    return round({ site, rest, inode, tag, rules: { platform, alike }, allowed, planned });
  };

  const settle = (result: RoundResult): void => {
    const { halt = null, question = null, problems, left, busy } = result;
    const isCurrent = !halt && !question && left === 0 && busy === 0 && problems.every(isLasting);
    if (isCurrent) {
      allowed.vault.clear();
      allowed.here.clear();
    }
    hints ??= halt ? null : createHints(record.directory, hint);
    if (!halt) hints?.follow(result.directories);
    set({
      ...{ halt, question, problems, busy, files: countFiles(), hintProblem: hints?.problem() ?? null },
      state: halt ? 'stopped' : question ? 'asking' : isCurrent ? 'current' : 'waiting',
      ...(isCurrent ? { agreedAt: host.now() } : {}),
    });
    notBefore = host.now() + Math.min(mostPaceMs, Math.max(second, result.scanMs * pace));
    const isHinted = hints !== null && hints.problem() === null;
    const regular = isHinted ? regularMs.hinted : regularMs.unhinted;
    wake(busy > 0 ? restMs + debounceMs : halt || left > 0 || !isCurrent ? againMs : regular);
  };

  const failed = (error: unknown): void => {
    if (signal.aborted) return;
    const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
    const halt = isFail(error)
      ? { code: 'VAULT' as const, text: error.message, next: error.next ?? 'It is tried again by itself.' }
      : code === 'ENOSPC' || code === 'EDQUOT'
        ? {
            code: 'FULL' as const,
            text: `There is no room left on the disk of ${record.directory}.`,
            next: 'Free some space there. It goes on by itself then; nothing is lost.',
          }
        : {
            code: 'FAILED' as const,
            text: `It could not go on (${code || String(error)}).`,
            next: 'It is tried again by itself.',
          };
    log.warn({ error: String(error) }, 'a watched folder could not be brought up to date');
    set({ state: 'stopped', halt });
    wake(againMs);
  };

  const run = (): Promise<void> => {
    running ??= once()
      .then(settle, failed)
      .finally(() => {
        running = null;
        // Also of what we did ourselves: the look after it finds nothing to do.
        if (hinted) wake(debounceMs);
      });
    return running;
  };

  wake(0);
  return {
    view: () => state,
    hint,
    async now(progress) {
      if (progress) watchers.add(progress);
      try {
        await running;
        if (!signal.aborted) await run();
      } finally {
        if (progress) watchers.delete(progress);
      }
    },
    answer(what) {
      const { question } = state;
      if (!question) return false;
      for (const path of question.files) {
        if (what === 'delete') allowed[question.side].add(path);
        else agreed.remove(path);
      }
      agreed.flush();
      set({ question: null, state: 'looking' });
      notBefore = 0;
      wake(0);
      return true;
    },
    async stop() {
      abort.abort(new Error('stopped'));
      cancel?.();
      cancel = null;
      hints?.close();
      await running;
    },
  };
}

/** Nothing can be done about it by trying again. */
const isLasting = ({ code }: Problem): boolean => !['UNREADABLE', 'UNWRITABLE', 'DAMAGED', 'FAILED'].includes(code);
