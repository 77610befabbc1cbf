import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import type { LocalConnection } from '../local/local-client.ts';
import { commonHeaders, interfacePolicy } from '../security/csp.ts';
import { contentType, resolveAppAddress } from './app-address.ts';
import { mediaResponse } from './media-source.ts';

/** Must be called before the app is ready. Standard and secure: own origin, storage, fetch; media may be streamed. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Serve the interface and, by ticket, files of the vault under `app://hypha/`. */
export function serveInterface(root: string, connection: () => Promise<LocalConnection>): void {
  protocol.handle('app', async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const target = resolveAppAddress(request.url, root);
    if (target.kind === 'refused') return refuse(target.status);
    if (target.kind === 'media') {
      const { client } = await connection();
      return mediaResponse(client, target.ticket, request.headers.get('range'), commonHeaders);
    }
    try {
      // The type is Node's Buffer, of which `Response` takes the bytes.
      const bytes = new Uint8Array(await readFile(target.path));
      return new Response(bytes, {
        headers: {
          ...commonHeaders,
          'Content-Type': contentType(target.path),
          'Content-Security-Policy': interfacePolicy,
          'Cache-Control': 'no-cache',
        },
      });
    } catch {
      return refuse(404);
    }
  });
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: commonHeaders });
}
