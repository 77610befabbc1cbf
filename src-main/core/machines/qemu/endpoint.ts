import { join } from 'node:path';

/** Sockets of one machine. QEMU is the server on each, so that an agent that starts again only reconnects. */
export type SocketName = 'qmp' | 'qmp2' | 'serial';

/** Where the agent connects to: a unix socket in the run directory, on Windows a named pipe. */
export function endpoint(runDir: string, id: string, name: SocketName, platform = process.platform): string {
  return platform === 'win32' ? `\\\\.\\pipe\\hypha-${id}-${name}` : join(runDir, id, `${name}.sock`);
}

/**
 * QEMU's words for the same socket. On Windows Node has no unix sockets and a loopback port would be open to every local
 * user, so QEMU makes a named pipe (written from QEMU's manual; never run on Windows yet).
 */
export function chardev(runDir: string, id: string, name: SocketName, log = '', platform = process.platform): string {
  const logging = log === '' ? '' : `,logfile=${escapeComma(log)},logappend=on`;
  return platform === 'win32'
    ? `pipe,id=${name},path=hypha-${id}-${name}${logging}`
    : `socket,id=${name},path=${escapeComma(endpoint(runDir, id, name, platform))},server=on,wait=off${logging}`;
}

/** In QEMU's option lists a comma inside a value is written twice. */
export function escapeComma(value: string): string {
  return value.replaceAll(',', ',,');
}
