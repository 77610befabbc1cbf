/**
 * A colour role as `#rrggbb`, for canvases, which know no custom properties. Painted and read back, because a role is
 * written as `light-dark(oklch(…), oklch(…))`, which only the browser resolves.
 */
export function roleColour(role: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${role})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!context) return '#808080';
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** Calls back when the theme changes, by setting or by the system. */
export function onThemeChange(changed: () => void): () => void {
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  media.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    media.removeEventListener('change', changed);
  };
}
