import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { newKeyPair } from './key-pair.ts';
import { sftpServer } from './ssh-server.ts';

const runs = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Null where dropbear can be started as {@link startDropbear} does, else why not. */
export function noDropbear(): string | null {
  if (process.getuid?.() !== 0) return 'only root may give dropbear a home directory of its own';
  if (!runs('dropbear', '-V')) return 'the program dropbear is not there (Debian: dropbear-bin)';
  if (sftpServer === null) return 'the program sftp-server is not there (Debian: openssh-sftp-server)';
  return runs('unshare', '-m', 'true') ? null : 'this system gives no mount namespace';
}

/**
 * dropbear with a host key of its own, letting in one key that is made here. It signs people in as root, in a mount namespace where
 * root's home is an empty one in memory: nothing of the system's own accounts is read or written but its list of them. The
 * test listens, and starts it for each connection.
 */
export async function startDropbear() {
  const home = await mkdtemp(join(tmpdir(), 'hypha-dropbear-'));
  const hostKey = join(home, 'host');
  execFileSync('dropbearkey', ['-t', 'ed25519', '-f', hostKey], { stdio: 'ignore' });
  const fingerprint = /SHA256:\S+/.exec(execFileSync('dropbearkey', ['-y', '-f', hostKey], { encoding: 'utf8' }))?.[0];
  const passphrase = 'only for this test';
  const pair = newKeyPair(passphrase);
  await writeFile(join(home, 'authorized_keys'), `${pair.public}\n`);
  const script =
    'mount -t tmpfs -o mode=0700 none ~root && mkdir -m 0700 ~root/.ssh && cp "$0" ~root/.ssh/authorized_keys && ' +
    'chmod 0600 ~root/.ssh/authorized_keys && exec dropbear -i -s -r "$1"';
  const children = new Set<ChildProcess>();
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn('unshare', ['-m', 'sh', '-c', script, join(home, 'authorized_keys'), hostKey], {
      stdio: [socket, socket, 'ignore'],
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    // The child has it now.
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    /** As its own tool gives it. */
    fingerprint,
    user: 'root',
    privateKey: pair.private,
    passphrase,
    kill() {
      for (const child of children) child.kill('SIGKILL');
    },
    async close() {
      this.kill();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      await rm(home, { recursive: true, force: true });
    },
  };
}
