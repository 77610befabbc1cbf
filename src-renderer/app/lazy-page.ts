import { type FunctionComponent, lazy } from 'react';

/** A page or part of one, and the way to have its code before it is needed. */
export type LazyComponent<P> = FunctionComponent<P> & { preload(): Promise<void> };

/** The code of a page could not be fetched: a browser gets it from the agent, which may be away. */
export class PageNotLoaded extends Error {
  override readonly name = 'PageNotLoaded';
}

const waiting: (() => Promise<unknown>)[] = [];

/**
 * Code that comes when it is first shown, or in an idle moment after the first paint (see {@link warmUp}), whichever is
 * sooner: the first paint is light, and no room is entered slowly.
 */
export function lazyPage<P = object>(load: () => Promise<FunctionComponent<P>>): LazyComponent<P> {
  waiting.push(load);
  const component = lazy(async () => {
    try {
      return { default: await load() };
    } catch (cause) {
      throw new PageNotLoaded('The code of this page did not come.', { cause });
    }
  });
  // The router asks for this on its way to a page, and would keep a failure; the page itself tells of it.
  const preload = async () => {
    await load().catch(() => undefined);
  };
  return Object.assign(component as unknown as FunctionComponent<P>, { preload });
}

/** Fetch what was left out of the first paint, one after the other, each in an idle moment. */
export function warmUp(idle: (then: () => void) => void): void {
  idle(() => {
    const load = waiting.shift();
    // A part that does not come now is asked for again when it is shown, and only then is it a failure.
    if (load)
      void load()
        .then(undefined, () => undefined)
        .then(() => warmUp(idle));
  });
}
