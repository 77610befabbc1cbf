import type { Measurement } from './benchmark.ts';

export function amountOf(measured: Measurement): number {
  return 'seconds' in measured ? measured.seconds : measured.amount;
}

/** A value for people: seconds to the millisecond, anything else to four digits. */
export function shown(value: number, unit: string): string {
  return unit === 's' ? value.toFixed(3) : `${Number(value.toPrecision(4))}`;
}
