export interface PingSummary {
  readonly sent: number;
  readonly back: number;
  /** Milliseconds; 0 when none came back. */
  readonly least: number;
  readonly middle: number;
  readonly most: number;
}

/** How several pings went: the middle is the median, which one slow answer does not move. */
export function pingSummary(answers: readonly { readonly ms: number | null }[]): PingSummary {
  const times = answers.flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b);
  const at = (index: number) => times[index] ?? 0;
  const half = times.length / 2;
  const middle = times.length % 2 === 1 ? at(Math.floor(half)) : (at(half - 1) + at(half)) / 2;
  return { sent: answers.length, back: times.length, least: at(0), middle, most: at(times.length - 1) };
}
