/** What editors, browsers and file managers leave lying about for a moment, or for themselves. By name, in any folder. */
export const defaultIgnore: readonly string[] = [
  '*~',
  '.*.sw?',
  '.*.kate-swp',
  '.#*',
  '#*#',
  '~$*',
  '.~lock.*#',
  '.goutputstream-*',
  '.fuse_hidden*',
  '.nfs????????*',
  '*.crdownload',
  '*.part',
  '*.partial',
];

/** Made anew by file managers wherever they look: never stored, and no folder is kept for their sake. */
const junk: ReadonlySet<string> = new Set(['.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini']);
export const isJunk = (name: string): boolean => junk.has(name.toLowerCase());

/** Names that Hypha itself writes under for a moment. */
export const isOwn = (name: string): boolean => name.startsWith('.hypha-') && /\.(part|old)$/.test(name);

/** Whether a name is left out. In a pattern `*` stands for any letters and `?` for one. */
export function ignorer(patterns: readonly string[]): (name: string) => boolean {
  return (name) => patterns.some((pattern) => matches(pattern, name));
}

/** In time bounded by the product of both lengths: a pattern that a person typed must not stop the clock. */
export function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let from = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      from = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star !== -1) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
