import { AsyncLocalStorage } from 'node:async_hooks';
import { testContext } from '../harness.ts';
import { type ActionName, actions, type Expected, nothing } from './actions.ts';
import { rulesBetween, whatIsWrong } from './check.ts';
import { act, withSource } from './sequences.ts';
import { freshImage, type Image, openImage, type World } from './world.ts';

type Who = 'first' | 'second';

/** Turns of the loop in which nothing happens, after which who runs is taken to wait for the other. */
const quietTurns = 400;

/**
 * Lets one of two calls go on at a time: a call stops at its next step on a place when its allowance is used up. So an interleaving is
 * a list of allowances, and all of them with few changes of turn can be tried (Musuvathi and Qadeer, "Iterative context
 * bounding", PLDI 2007: most races need two).
 */
export function createTurns() {
  const label = new AsyncLocalStorage<Who>();
  const left: Record<Who, number> = { first: 0, second: 0 };
  const waiting = new Map<Who, (() => void)[]>([
    ['first', []],
    ['second', []],
  ]);
  const done: Record<Who, boolean> = { first: false, second: false };
  let happened = 0;
  let used = 0;
  const wake = (who: Who): void => {
    const list = waiting.get(who) ?? [];
    while (left[who] > 0) {
      const next = list.shift();
      if (!next) break;
      left[who]--;
      next();
    }
  };
  return {
    async gate(): Promise<void> {
      happened++;
      const who = label.getStore();
      if (!who) return;
      if (who === 'first') used++;
      if (left[who] > 0) left[who]--;
      else await new Promise<void>((resolve) => waiting.get(who)?.push(resolve));
      happened++;
    },
    step: () => void happened++,
    start(who: Who, work: () => Promise<Expected>): Promise<Expected> {
      return label.run(who, work).finally(() => {
        done[who] = true;
      });
    },
    /** Let it go on for so many steps; resolves when it has ended, has used them up, or waits for the other. */
    async let(who: Who, steps: number): Promise<void> {
      left[who] = steps;
      wake(who);
      let quiet = 0;
      for (let before = happened; !done[who] && quiet < quietTurns; before = happened) {
        if (left[who] === 0 && (waiting.get(who)?.length ?? 0) > 0) break;
        await new Promise((resolve) => setImmediate(resolve));
        quiet = happened === before ? quiet + 1 : 0;
      }
      left[who] = 0;
    },
    /** Let both go on until both have ended. What waits for the disk does so in real time, which a busy computer makes long. */
    async finish(next: Who): Promise<void> {
      const order: readonly Who[] = next === 'first' ? ['first', 'second'] : ['second', 'first'];
      for (let round = 0; !done.first || !done.second; round++) {
        if (round === 20_000) throw new Error('both wait for ever');
        for (const who of order) await this.let(who, Number.MAX_SAFE_INTEGER);
        if (round > 20) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    done,
    /** Steps that the first one took. */
    used: () => used,
  };
}

/** What two actions that ran at once may come to. */
function together(now: Expected, one: Expected, two: Expected): Expected {
  const files = new Set([...now.files, ...one.files, ...two.files]);
  for (const name of now.files) if (!one.files.has(name) || !two.files.has(name)) files.delete(name);
  // What one taken meanwhile sees depends on the order, and its root on what it sees.
  const kept = [...now.snapshots].filter(([number]) => one.snapshots.has(number) && two.snapshots.has(number));
  const snapshots = new Map(kept);
  return { files, snapshots, soon: new Set([...one.soon, ...two.soon]) };
}

export interface Interleaved {
  schedules: number;
  crashes: number;
  wrong: string[];
}

export interface Pair {
  /** Done before, one after the other. */
  readonly before: readonly ActionName[];
  readonly first: ActionName;
  readonly second: ActionName;
}

/**
 * Two calls at once on one vault, in every interleaving of their steps with at most `changes` changes of turn before one of them has
 * ended (1 or 2). What is durable is looked at after every run of removals, and at the end.
 */
export function interleave(pairs: readonly Pair[], changes: 1 | 2): Promise<Interleaved> {
  return withSource(async (source) => {
    const found: Interleaved = { schedules: 0, crashes: 0, wrong: [] };
    for (const { before, first, second } of pairs) {
      let image: Image = await freshImage({ k: 1, m: 1 }, 2);
      let now = nothing;
      for (const name of before) {
        const done = await act(image, now, source, name);
        image = done.end;
        now = done.after;
      }
      const run = async (i: number, j: number): Promise<{ firstSteps: number; secondLeft: boolean }> => {
        const turns = createTurns();
        const cuts: Image[] = [];
        let removing = false;
        let world: World | null = null;
        const opened = await openImage(image, {
          gate: () => turns.gate(),
          step(step) {
            turns.step();
            if (removing && step !== 'remove' && world) cuts.push(world.image());
            removing = step === 'remove';
          },
        });
        world = opened;
        const where = `${before.join(' ')}; ${first} (${i} steps) with ${second} (${j} steps)`;
        try {
          await opened.vault.handlers['vault.snapshots']({}, testContext());
          const one = turns.start('first', () => actions[first].run(opened, source, now));
          await turns.let('first', i);
          const two = turns.start('second', () => actions[second].run(opened, source, now));
          two.catch(() => {});
          one.catch(() => {});
          await turns.let('second', j);
          const secondLeft = !turns.done.second;
          await turns.finish('first');
          const after = together(now, await one, await two);
          found.schedules++;
          cuts.push(opened.image());
          for (const [n, cut] of cuts.entries()) {
            found.crashes++;
            const last = n === cuts.length - 1;
            const rules = rulesBetween(last ? after : now, after);
            for (const wrong of await whatIsWrong(cut, rules, !last))
              found.wrong.push(`${where}, cut ${n + 1} of ${cuts.length}: ${wrong}`);
          }
          return { firstSteps: turns.used(), secondLeft };
        } catch (error) {
          found.wrong.push(`${where}: ${error instanceof Error ? error.stack : String(error)}`);
          return { firstSteps: turns.used(), secondLeft: false };
        } finally {
          await opened.close().catch(() => {});
        }
      };
      const { firstSteps } = await run(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      for (let i = 0; i < firstSteps; i++) {
        await run(i, Number.MAX_SAFE_INTEGER);
        for (let j = 1; changes === 2; j++) if (!(await run(i, j)).secondLeft) break;
      }
    }
    return found;
  });
}
