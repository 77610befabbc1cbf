/** An SVG path for a sparkline in a `width` by `height` box, the newest sample at the right edge. */
export function sparkPath(values: readonly number[], top: number, width: number, height: number, slots: number) {
  if (values.length < 2) return '';
  const shown = values.slice(-slots);
  const stepX = width / (slots - 1);
  const y = (value: number) => height - 1 - Math.min(1, Math.max(0, value / Math.max(top, 1e-9))) * (height - 2);
  return shown
    .map((v, i) => `${i === 0 ? 'M' : 'L'}${(width - (shown.length - 1 - i) * stepX).toFixed(1)} ${y(v).toFixed(1)}`)
    .join('');
}
