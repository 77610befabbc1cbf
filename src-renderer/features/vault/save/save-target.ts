/** Where data directories lie by default (see src-main/local/home.ts), which tells the person's own directory. */
const dataDirectories = [
  /^(\/.+?)\/\.local\/share\/[^/]+\/?$/,
  /^(\/.+?)\/Library\/Application Support\/[^/]+\/?$/,
  /^([A-Za-z]:\\.+?)\\AppData\\Local\\[^\\]+\\?$/,
];

/** The person's own directory on the agent's computer, told from its data directory; null when that lies elsewhere. */
export function ownDirectory(dataDirectory: string): string | null {
  for (const pattern of dataDirectories) {
    const own = pattern.exec(dataDirectory)?.[1];
    if (own) return own;
  }
  return null;
}

/** Where saved files go if nothing else is typed: the downloads; empty when they cannot be told. */
export function downloadsOf(dataDirectory: string): string {
  const own = ownDirectory(dataDirectory);
  return own === null ? '' : `${own}${own.includes('\\') ? '\\' : '/'}Downloads`;
}

/**
 * The whole path of what was typed, `~` written out; null when it is not whole. A path that is not whole would be
 * taken from wherever the agent was started, which nobody can know here.
 */
export function wholePath(typed: string, dataDirectory: string): string | null {
  const path = typed.trim();
  if (/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path)) return path;
  const own = ownDirectory(dataDirectory);
  if (own !== null && /^~($|[\\/])/.test(path)) return own + path.slice(1);
  return null;
}
