/**
 * One thing after the other: what is asked for while something is being done waits for it, whether that works or not.
 *
 * @returns gives what the act gives
 */
export function createTurns(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act, act);
    last = turn;
    return turn;
  };
}
