import type { Host } from '#core/host.ts';

/** What `work` comes to, or `late` when it takes longer: a network mount whose server is gone answers never. */
export async function inTime<T>(host: Pick<Host, 'setTimer'>, ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let cancel = (): void => {};
  const over = new Promise<T>((resolve) => {
    cancel = host.setTimer(ms, () => resolve(late()));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}
