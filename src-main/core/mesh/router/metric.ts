/** u16: 0 is owned, finite sums stop at 0xfffe, 0xffff is out of reach. About milliseconds. */
export const infinite = 0xffff;
export const largestFinite = 0xfffe;

export function addMetric(a: number, b: number): number {
  return a === infinite || b === infinite ? infinite : Math.min(a + b, largestFinite);
}
