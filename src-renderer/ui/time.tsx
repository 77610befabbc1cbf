import { useNow } from '../lib/clock.ts';
import { useFormat } from '../lib/format.ts';

/** Relative time, the exact one on hover and for machines. */
export function Time({ at, className }: { at: number; className?: string }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)} className={className}>
      {format.relative(at, now)}
    </time>
  );
}
