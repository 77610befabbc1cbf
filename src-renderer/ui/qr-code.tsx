import { useMemo } from 'react';
import { encodeQr } from '../lib/qr/encode.ts';
import type { Level } from '../lib/qr/version.ts';

/** Modules that stay light around a code, so that it is found. */
const quiet = 4;

/**
 * A text as a QR code, dark on light in every theme, for scanners expect it so. `label` says what it is to who cannot see
 * it; the same text must stand beside it to be copied. Nothing when the text is too long for one.
 */
export function QrCode({
  text,
  label,
  level = 'M',
  className,
}: {
  text: string;
  label: string;
  level?: Level;
  className?: string;
}) {
  const code = useMemo(() => encodeQr(text, level), [text, level]);
  if (code === null) return null;
  const side = code.size + 2 * quiet;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      shapeRendering="crispEdges"
      className={className}
      style={{ forcedColorAdjust: 'none' }}
    >
      <rect x={-quiet} y={-quiet} width={side} height={side} fill="oklch(1 0 0)" />
      <path d={pathOf(code)} fill="oklch(0 0 0)" />
    </svg>
  );
}

function pathOf(code: { size: number; isDark(x: number, y: number): boolean }): string {
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.isDark(x, y)) continue;
      let run = 1;
      while (code.isDark(x + run, y) && x + run < code.size) run += 1;
      path += `M${x} ${y}h${run}v1h${-run}z`;
      x += run - 1;
    }
  }
  return path;
}
