import { useMemo } from 'react';

/** FNV-1a over the id, then a small xorshift: enough to draw with, and the same on every device. */
function* numbersOf(id: string): Generator<number, never> {
  let h = 0x811c9dc5;
  for (const c of id) h = Math.imul(h ^ (c.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  for (;;) {
    h ^= h << 13;
    h ^= h >>> 17;
    h ^= h << 5;
    h >>>= 0;
    yield h / 0x1_0000_0000;
  }
}

export interface Mark {
  hue: number;
  threads: string[];
  tips: readonly (readonly [number, number])[];
}

/** A little hypha that only this id grows: five threads from one root, each forked or not, in one of many hues. */
export function markOf(id: string): Mark {
  const numbers = numbersOf(id);
  const next = () => numbers.next().value;
  const hue = Math.floor(next() * 360);
  const threads: string[] = [];
  const tips: [number, number][] = [];
  const turn = next() * 360;
  for (let i = 0; i < 5; i += 1) {
    const angle = ((turn + i * 72 + (next() - 0.5) * 44) * Math.PI) / 180;
    const length = 8 + next() * 5.5;
    const bend = (next() - 0.5) * 1.1;
    const at = (r: number, a: number): [number, number] => [
      Math.round((16 + Math.cos(a) * r) * 10) / 10,
      Math.round((16 + Math.sin(a) * r) * 10) / 10,
    ];
    const middle = at(length * 0.55, angle + bend);
    const tip = at(length, angle);
    threads.push(`M16 16Q${middle.join(' ')} ${tip.join(' ')}`);
    tips.push(tip);
    if (next() > 0.45) {
      const fork = at(length * 0.95, angle + (next() > 0.5 ? 0.55 : -0.55));
      threads.push(`M${middle.join(' ')}L${fork.join(' ')}`);
    }
  }
  return { hue, threads, tips };
}

/** The person's mark: decoration beside the name, never instead of it. */
export function IdentityMark({ id, size = 28 }: { id: string; size?: number }) {
  const mark = useMemo(() => markOf(id), [id]);
  const colour = `light-dark(oklch(0.48 0.08 ${mark.hue}), oklch(0.8 0.08 ${mark.hue}))`;
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      aria-hidden
      className="shrink-0 rounded-full border border-line bg-surface-raised"
      style={{ color: colour }}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
    >
      {mark.threads.map((d) => (
        <path key={d} d={d} />
      ))}
      {mark.tips.map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="1.3" fill="currentColor" stroke="none" />
      ))}
    </svg>
  );
}
