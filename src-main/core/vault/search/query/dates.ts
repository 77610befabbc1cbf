/** A stretch of time: from, and up to but not including. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const days = { d: 1, w: 7, m: 30, y: 365 } as const;
const dayMs = 86_400_000;

/** What a date in a query stands for, by the clock of this computer. @returns null for what is none */
export function timeSpan(text: string, now: number): Span | null {
  const word = text.toLowerCase();
  const today = new Date(now);
  const day = (offset: number): number =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + offset).getTime();
  if (word === 'today') return { from: day(0), to: day(1) };
  if (word === 'yesterday') return { from: day(-1), to: day(0) };
  const ago = /^(\d{1,4})([dwmy])$/.exec(word);
  if (ago) {
    const from = now - Number(ago[1]) * days[ago[2] as keyof typeof days] * dayMs;
    return { from, to: now + 1 };
  }
  const date = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(word);
  if (!date) return null;
  const year = Number(date[1]);
  const month = date[2] === undefined ? null : Number(date[2]) - 1;
  const dayOfMonth = date[3] === undefined ? null : Number(date[3]);
  if (month !== null && (month < 0 || month > 11)) return null;
  if (dayOfMonth !== null) {
    const from = new Date(year, month ?? 0, dayOfMonth);
    if (from.getDate() !== dayOfMonth) return null;
    return { from: from.getTime(), to: new Date(year, month ?? 0, dayOfMonth + 1).getTime() };
  }
  const from = new Date(year, month ?? 0, 1).getTime();
  const to = month === null ? new Date(year + 1, 0, 1) : new Date(year, month + 1, 1);
  return { from, to: to.getTime() };
}
