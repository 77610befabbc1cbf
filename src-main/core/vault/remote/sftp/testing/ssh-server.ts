import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type ServerChannel } from 'ssh2';
import { newKeyPair } from './key-pair.ts';
import { bareVersion, createPacketReader, framed, kinds } from './packets.ts';

/** OpenSSH's file server, which Debian's openssh-sftp-server brings. */
const programs = [
  '/usr/lib/sftp-server',
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
];
export const sftpServer: string | null = programs.find((path) => existsSync(path)) ?? null;

export const login = { user: 'someone', password: 'correct horse' };

export interface SshServer {
  readonly port: number;
  /** Offers nothing beyond SFTP 3. */
  plain: boolean;
  /** Looks at every packet of the client; what it returns goes to the file server instead; null: nothing does. */
  request: (packet: Buffer, answer: (packet: Buffer) => void) => Buffer | null;
  /** The same for what the file server answers. */
  reply: (packet: Buffer) => Buffer | null;
  /** How people are let in. */
  accept: (method: string, user: string, password: string) => boolean;
  /** Public keys that are let in, as they cross the wire. */
  readonly keys: Buffer[];
  /** Connections that signed in so far. */
  readonly logins: () => number;
  /** Ways of signing in that were tried. */
  readonly tried: string[];
  /** Break every connection there is. */
  cut(): void;
  /** Kill the file servers, the connections stay. */
  killFileServers(): void;
  close(): Promise<void>;
}

export const newHostKey = (): string => newKeyPair().private;

/**
 * An SSH server in this process with OpenSSH's file server behind it, working in `directory`, and tests that listen in and change
 * what passes. No account of the system has to do with it.
 */
export async function startSshServer(directory: string, hostKey = newHostKey(), port = 0): Promise<SshServer> {
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let logins = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      made.tried.push(context.method);
      if (context.method === 'password' && made.accept('password', context.username, context.password))
        return context.accept();
      if (context.method === 'publickey' && made.keys.some((key) => key.equals(context.key.data))) {
        const key = ssh2.utils.parseKey(
          Buffer.concat([Buffer.from(`${context.key.algo} `), Buffer.from(context.key.data.toString('base64'))]),
        );
        const good =
          !context.signature ||
          (!(key instanceof Error) &&
            !Array.isArray(key) &&
            key.verify(context.blob ?? '', context.signature, context.hashAlgo));
        if (good) return context.accept();
      }
      if (context.method === 'keyboard-interactive' && made.accept('keyboard-interactive', context.username, '')) {
        return context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          if (answers[0] === login.password) context.accept();
          else context.reject();
        });
      }
      context.reject(['publickey', 'password', 'keyboard-interactive']);
    });
    client.on('ready', () => {
      logins++;
      client.on('session', (accept) => {
        accept().on('subsystem', (take, refuse, info) => {
          if (info.name !== 'sftp') return refuse();
          serve(take());
        });
      });
    });
  });
  const serve = (channel: ServerChannel): void => {
    if (sftpServer === null) throw new Error('no file server');
    const child = spawn(sftpServer, ['-d', directory], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.add(child);
    child.stdin.on('error', () => {});
    channel.on('error', () => {});
    const answer = (packet: Buffer): void => void channel.write(framed(packet));
    const fromClient = createPacketReader((packet) => {
      const passed = made.request(packet, answer);
      if (passed) child.stdin.write(framed(passed));
    });
    const fromServer = createPacketReader((packet) => {
      if (packet[0] === kinds.version && made.plain) return answer(bareVersion);
      const passed = made.reply(packet);
      if (passed) answer(passed);
    });
    channel.on('data', fromClient);
    child.stdout.on('data', fromServer);
    channel.on('close', () => child.kill('SIGKILL'));
    child.on('exit', () => {
      children.delete(child);
      channel.close();
    });
  };
  // The library's server hides its sockets.
  const net = Reflect.get(server, '_srv') as { on(event: 'connection', take: (socket: Socket) => void): void };
  net.on('connection', (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', () => resolve()));
  const made: SshServer = {
    port: (server.address() as AddressInfo).port,
    plain: false,
    request: (packet) => packet,
    reply: (packet) => packet,
    accept: (method, user, password) => method === 'password' && user === login.user && password === login.password,
    keys: [],
    logins: () => logins,
    tried: [],
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    killFileServers() {
      for (const child of children) child.kill('SIGKILL');
    },
    async close() {
      made.cut();
      made.killFileServers();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
  return made;
}
