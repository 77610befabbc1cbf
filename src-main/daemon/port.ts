import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

const pathIn = (home: string) => join(home, 'port');

/** The port of the last start; null when there is none. */
export async function rememberedPort(home: string): Promise<number | null> {
  const text = await readFile(pathIn(home), 'utf8').catch(() => '');
  const port = /^\d{4,5}\n?$/.test(text) ? Number(text) : 0;
  return port >= 1024 && port <= 65_535 ? port : null;
}

/**
 * Listen on loopback: on the port asked for, else the one of the last start (open pages and bookmarks stay good), else
 * any free one. A taken port is no reason not to start. The port used is remembered.
 *
 * @returns the port, and one line for the person when it is not the expected one.
 */
export async function listenOnLoopback(
  server: Server,
  home: string,
  asked: number | null,
): Promise<{ port: number; notice: string | null }> {
  const wanted = asked ?? (await rememberedPort(home));
  let notice: string | null = null;
  try {
    await listen(server, wanted ?? 0);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (wanted === null || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
    await listen(server, 0);
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is taken by another program';
    notice = `Port ${wanted} ${why}; using ${(server.address() as AddressInfo).port} instead.`;
  }
  const { port } = server.address() as AddressInfo;
  // Where it cannot be remembered (a full disk, a directory of that name) the agent runs all the same.
  await writeFileAtomic(pathIn(home), `${port}\n`, { mode: 0o600 }).catch(() => {
    notice ??= `The port ${port} could not be kept in ${pathIn(home)}; the next start may use another.`;
  });
  return { port, notice };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
