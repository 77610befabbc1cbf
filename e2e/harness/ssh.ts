import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '#shared/contract/machines.ts';
import { type Ended, mustRun, run } from './program.ts';

/** A real OpenSSH client with a key of its own. */
export interface SshClient {
  /** What goes into a machine's authorised keys. */
  readonly publicKey: string;
  /** Run a command in a machine, believing its host key only when it is the one the agent told beforehand. */
  exec(machine: Machine, command: string): Promise<Ended>;
}

export async function sshClient(folder: string): Promise<SshClient> {
  const key = path.join(folder, 'id_ed25519');
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key]);
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).trim();
  return {
    publicKey,
    async exec({ ssh, hostKey }, command) {
      if (ssh === null || hostKey === null) throw new Error('The machine has no SSH, or no known host key.');
      const known = path.join(folder, 'known_hosts');
      await writeFile(known, `[${ssh.host}]:${ssh.port} ${hostKey}\n`);
      const options = [
        'StrictHostKeyChecking=yes',
        `UserKnownHostsFile=${known}`,
        'IdentitiesOnly=yes',
        'BatchMode=yes',
      ];
      return run('ssh', [
        '-F',
        'none',
        ...options.flatMap((one) => ['-o', one]),
        ...['-i', key, '-p', String(ssh.port), `${ssh.user}@${ssh.host}`, command],
      ]);
    },
  };
}
