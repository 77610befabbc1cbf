/** What lies below this is the vault. Its last segment is what file managers name the disk after. */
export const mount = 'vault';
/** Folders in one another that are followed. */
const mostSegments = 512;

/** `null`: the folder above the vault, which holds the vault and nothing else. */
export type DavPath = readonly string[] | null;
/** What else an address may be: `outside` something beside the vault, `wrong` no address at all. */
export type NoPath = 'outside' | 'wrong';

/**
 * The names in the path of a URL, decoded once; the vault itself is the empty list. `wrong` is what no client means:
 * bad escapes, `.` and `..` however written, a slash or NUL within a name, a fragment.
 */
export function parsePath(path: string): DavPath | NoPath {
  if (!path.startsWith('/') || path.includes('#')) return 'wrong';
  const raw = (path.split('?')[0] as string).split('/').filter((part) => part !== '');
  if (raw.length > mostSegments) return 'wrong';
  const names: string[] = [];
  for (const part of raw) {
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return 'wrong';
    }
    if (name === '.' || name === '..' || /[/\0]/.test(name)) return 'wrong';
    names.push(name);
  }
  const [first, ...rest] = names;
  if (first === undefined) return null;
  return first === mount ? rest : 'outside';
}

/**
 * The same of an address that a header names, which may be whole (`http://host/path`) or a path alone. `elsewhere` for a
 * whole one of another server.
 */
export function parseAddress(address: string, ownHosts: ReadonlySet<string>): DavPath | NoPath | 'elsewhere' {
  const text = address.trim();
  if (text.startsWith('/')) return parsePath(text);
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?([^/]*)(\/.*)?$/i.exec(text);
  if (!match) return 'wrong';
  const [, scheme = '', host = '', path = '/'] = match;
  if (scheme.toLowerCase() !== 'http' || !ownHosts.has(host.toLowerCase())) return 'elsewhere';
  return parsePath(path);
}

/** The path to give out; of a folder with a slash at its end (RFC 4918, 5.2). */
export function hrefOf(path: DavPath, folder: boolean): string {
  if (path === null) return '/';
  // Characters that encodeURIComponent leaves are allowed in a path, and need no escape in XML text.
  const names = [mount, ...path].map((name) => encodeURIComponent(name.toWellFormed()).replaceAll("'", '%27'));
  return `/${names.join('/')}${folder ? '/' : ''}`;
}

/** Names that differ only in how accents are composed are one name. */
export const samePath = (a: readonly string[], b: readonly string[]): boolean => keyOf(a) === keyOf(b);
export const keyOf = (path: readonly string[]): string => path.map((name) => name.normalize('NFC')).join('/');
/** `path` is `above`, or lies in it. */
export const isWithin = (path: readonly string[], above: readonly string[]): boolean =>
  path.length >= above.length && samePath(path.slice(0, above.length), above);
