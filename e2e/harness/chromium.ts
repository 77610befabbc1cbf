import { existsSync } from 'node:fs';

/** The Chromium that tests drive: $CHROMIUM, Debian's own, or null for the one Playwright finds by itself. */
export function chromiumPath(): string | null {
  const named = process.env.CHROMIUM;
  if (named) return named;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file)) ?? null;
}

/** No chatter of its own: whatever goes out is the page's doing. Root cannot use Chromium's sandbox. */
export function chromiumArguments(): string[] {
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

/** Ours, with names of files in UTF-8: without a locale, as in many containers, Chromium knows files by ASCII names only. */
export function chromiumEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { ...Object.fromEntries(own), LC_ALL: 'C.UTF-8' };
}
