import path from 'node:path';

/** The interface's own origin. A standard, secure scheme, so that origins, storage and CSP work as on the web. */
export const appOrigin = 'app://hypha';

export type AppTarget =
  /** A file below the folder of the built interface. */
  | { readonly kind: 'file'; readonly path: string }
  /** A file of the vault, by ticket. */
  | { readonly kind: 'media'; readonly ticket: string }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 };

/**
 * What a request to `app://hypha/...` means. Paths without an ending are addresses inside the interface and get its
 * page. Nothing outside `root` can be named, however the address is written.
 */
export function resolveAppAddress(address: string, root: string, rules: path.PlatformPath = path): AppTarget {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.protocol !== 'app:' || url.host !== 'hypha') return { kind: 'refused', status: 403 };
  let name: string;
  try {
    name = decodeURIComponent(url.pathname);
  } catch {
    return { kind: 'refused', status: 400 };
  }
  const ticket = /^\/media\/([\w-]{16,64})(?:\/|$)/.exec(name)?.[1];
  if (ticket !== undefined) return { kind: 'media', ticket };
  // NUL ends a path early in C; a backslash, colon or trailing dot means something else on Windows.
  if (/[\0\\:]|\.{2}|[. ](\/|$)/.test(name)) return { kind: 'refused', status: 400 };
  if (name.startsWith('/media')) return { kind: 'refused', status: 404 };
  const inside = rules.extname(name) === '' ? 'index.html' : `.${name}`;
  const file = rules.resolve(root, inside);
  const relative = rules.relative(root, file);
  if (relative === '' || relative.startsWith('..') || rules.isAbsolute(relative))
    return { kind: 'refused', status: 403 };
  return { kind: 'file', path: file };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** The type of a file of the interface; unknown ones are never guessed by the browser (`nosniff`). */
export function contentType(file: string): string {
  return types[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
}
