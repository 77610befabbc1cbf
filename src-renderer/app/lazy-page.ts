import { type FunctionComponent, lazy } from 'react';

/** A page or part of one, and the way to have its code before it is needed. */
export type LazyComponent<P> = FunctionComponent<P> & { preload(): Promise<void> };

const waiting: (() => Promise<unknown>)[] = [];

/**
 * Code that comes when it is first shown, or in an idle moment after the first paint (see {@link warmUp}), whichever is
 * sooner: the first paint is light, and no room is entered slowly.
 */
export function lazyPage<P = object>(load: () => Promise<FunctionComponent<P>>): LazyComponent<P> {
  waiting.push(load);
  const component = lazy(async () => ({ default: await load() }));
  const preload = async () => {
    await load();
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
