/** Wait until a number changed no more for `still` milliseconds; at most `limit`. @returns whether it did so */
export async function settled(ask: () => Promise<number>, still = 2000, limit = 120_000): Promise<boolean> {
  const began = performance.now();
  let last = await ask();
  let since = began;
  while (performance.now() - began < limit) {
    await new Promise((done) => setTimeout(done, 100));
    const now = await ask();
    if (now !== last) {
      last = now;
      since = performance.now();
    } else if (performance.now() - since > still) return true;
  }
  return false;
}
