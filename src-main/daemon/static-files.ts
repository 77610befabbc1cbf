import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { interfacePolicy } from '../security/csp.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * The file below `root` that a URL path means, or null. A path without an extension is a page of the interface, which
 * is one file. Percent-encoding is undone once; whatever could step out of `root` or name a device is refused.
 */
export function fileOfPath(root: string, urlPath: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  const segments = path.split('/').filter((s) => s !== '');
  if (segments.some((s) => !/^[A-Za-z0-9_@-][A-Za-z0-9._@-]*$/.test(s))) return null;
  const last = segments.at(-1) ?? '';
  if (extname(last) === '') return join(root, 'index.html');
  const file = join(root, ...segments);
  return file.startsWith(root + sep) ? file : null;
}

/** Answer with a file of the built interface; false when there is none. */
export async function sendStatic(
  root: string,
  urlPath: string,
  head: boolean,
  response: ServerResponse,
): Promise<boolean> {
  const file = fileOfPath(root, urlPath);
  const info = file === null ? null : await stat(file).catch(() => null);
  if (!file || !info?.isFile()) return false;
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Length': info.size,
    'Content-Security-Policy': interfacePolicy,
    // Vite puts a hash of the content into the names of what it builds into assets/.
    'Cache-Control': /[\\/]assets[\\/]/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (head) response.end();
  else await pipeline(createReadStream(file), response);
  return true;
}
