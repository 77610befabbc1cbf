import { join } from 'node:path';
import { toBase32 } from '#core/crypto/encoding.ts';

/** Sockets of one machine. QEMU is the server on each, so that an agent that starts again only reconnects. */
export type SocketName = 'qmp' | 'qmp2' | 'serial' | 'mesh';

/**
 * What the names of a machine's pipes on Windows end with: 128 random bits, new for each start and kept in its record. Every account may make a
 * pipe, and the first to make one has its name: a name that could be foreseen would let another stand in for QEMU. Elsewhere the run
 * directory keeps others out.
 */
export const newPipeKey = (random: (n: number) => Uint8Array): string => toBase32(random(16)).slice(0, 26);

const pipe = (id: string, key: string, name: SocketName): string =>
  ['hypha', id, ...(key === '' ? [] : [key]), name].join('-');

/**
 * Where the agent connects to: a unix socket in the run directory, on Windows a named pipe. @param key '' for a machine started by a
 * version that had none.
 */
export function endpoint(
  runDir: string,
  id: string,
  key: string,
  name: SocketName,
  platform = process.platform,
): string {
  return platform === 'win32' ? `\\\\.\\pipe\\${pipe(id, key, name)}` : join(runDir, id, `${name}.sock`);
}

/**
 * QEMU's words for the same socket. On Windows Node has no unix sockets and a loopback port would be open to every local
 * user, so QEMU makes a named pipe (written from QEMU's manual; never run on Windows yet).
 */
export function chardev(
  runDir: string,
  id: string,
  key: string,
  name: SocketName,
  log = '',
  platform = process.platform,
): string {
  const logging = log === '' ? '' : `,logfile=${escapeComma(log)},logappend=on`;
  return platform === 'win32'
    ? `pipe,id=${name},path=${pipe(id, key, name)}${logging}`
    : `socket,id=${name},path=${escapeComma(endpoint(runDir, id, key, name, platform))},server=on,wait=off${logging}`;
}

/** In QEMU's option lists a comma inside a value is written twice. */
export function escapeComma(value: string): string {
  return value.replaceAll(',', ',,');
}
