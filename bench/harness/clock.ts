/** Seconds that `work` takes by the monotonic clock, and what it gave. */
export async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const began = process.hrtime.bigint();
  const value = await work();
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9, value };
}
