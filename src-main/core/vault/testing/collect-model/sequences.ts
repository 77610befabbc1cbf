import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ActionName, actionNames, actions, contentOf, type Expected, nothing } from './actions.ts';
import { rulesBetween, whatIsWrong } from './check.ts';
import { freshImage, type Image, openImage, type World } from './world.ts';

export interface Explored {
  sequences: number;
  /** Moments at which the computer was switched off, each looked at twice. */
  crashes: number;
  wrong: string[];
}

export async function withSource<T>(work: (source: string) => Promise<T>): Promise<T> {
  const source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  try {
    for (const name of ['large', 'small', 'twin', 'other']) await writeFile(join(source, name), contentOf(name));
    return await work(source);
  } finally {
    await rm(source, { recursive: true, force: true });
  }
}

/** Do one action, with what was durable after each of its steps. Its world ends as a kill would end it. */
export async function act(
  image: Image,
  now: Expected,
  source: string,
  name: ActionName,
): Promise<{ after: Expected; end: Image; between: Image[] }> {
  const between: Image[] = [];
  let world: World | null = null;
  world = await openImage(image, {
    step: () => {
      if (world) between.push(world.image());
    },
  });
  try {
    const after = await actions[name].run(world, source, now);
    return { after, end: world.image(), between };
  } finally {
    await world.close();
  }
}

/**
 * Every sequence of at most `depth` actions that makes sense, with the computer switched off at every durable step of the last one
 * (of every one, that is: each is the last of some sequence).
 */
export function explore(
  depth: number,
  choose: (path: readonly ActionName[]) => boolean = () => true,
): Promise<Explored> {
  return withSource(async (source) => {
    const found: Explored = { sequences: 0, crashes: 0, wrong: [] };
    const from = async (image: Image, now: Expected, path: readonly ActionName[]): Promise<void> => {
      for (const name of path.length < depth ? actionNames : []) {
        const longer = [...path, name];
        if (!actions[name].makesSense(now) || !choose(longer)) continue;
        const { after, end, between } = await act(image, now, source, name);
        found.sequences++;
        for (const [step, cut] of [...between, end].entries()) {
          found.crashes++;
          const done = step === between.length;
          for (const wrong of await whatIsWrong(cut, rulesBetween(done ? after : now, after)))
            found.wrong.push(`${longer.join(' ')}, cut at step ${step} of ${between.length}: ${wrong}`);
        }
        await from(end, after, longer);
      }
    };
    await from(await freshImage({ k: 1, m: 1 }, 2), nothing, []);
    return found;
  });
}
