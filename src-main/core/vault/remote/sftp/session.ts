import type { Client, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { cutTrouble, lateTrouble, SftpStatus, status } from './words.ts';

type Done<T> = (error: Error | undefined | null, value: T) => void;

/** What a server can do beyond SFTP 3 (OpenSSH, PROTOCOL, "sftp: Extensions"). */
export interface Offers {
  readonly fsync: boolean;
  readonly posixRename: boolean;
  readonly hardlink: boolean;
  readonly statvfs: boolean;
}

/** One running SFTP connection. Every request ends: with an answer, or with the connection. */
export interface Session {
  readonly offers: Offers;
  alive(): boolean;
  open(path: string, flags: 'r' | 'w' | 'wx'): Promise<Buffer>;
  close(handle: Buffer): Promise<void>;
  /** Into `target` from `at`. @returns how many bytes came; 0 at the end of the file */
  read(handle: Buffer, target: Uint8Array, at: number): Promise<number>;
  write(handle: Buffer, bytes: Uint8Array, at: number): Promise<void>;
  fsync(handle: Buffer): Promise<void>;
  stat(path: string): Promise<Stats>;
  openDirectory(path: string): Promise<Buffer>;
  /** The next names of a directory; null at its end. */
  names(handle: Buffer): Promise<FileEntryWithStats[] | null>;
  mkdir(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** SFTP 3 says that it fails where the new name is there already. */
  rename(from: string, to: string): Promise<void>;
  posixRename(from: string, to: string): Promise<void>;
  hardlink(from: string, to: string): Promise<void>;
  /** Bytes that this user may still use; 0 too when no more files can be made. */
  free(path: string): Promise<number>;
  end(why: Trouble): void;
}

const fileMode = { mode: 0o600 };
const directoryMode = { mode: 0o700 };

export function createSession(
  host: string,
  { client, sftp }: { client: Client; sftp: SFTPWrapper },
  clock: Clock,
  idleMs: number,
): Session {
  const pending = new Set<(trouble: Trouble) => void>();
  let ended: Trouble | null = null;
  let calm = (): void => {};
  /** As long as anything is asked, something must be answered from time to time. */
  const watch = (): void => {
    calm();
    calm = pending.size === 0 ? () => {} : clock.setTimer(idleMs, () => end(lateTrouble(host)));
  };
  const end = (why: Trouble): void => {
    if (ended) return;
    ended = why;
    calm();
    for (const give of pending) give(why);
    pending.clear();
    client.destroy();
  };
  const cut = (error?: unknown): void => end(cutTrouble(host, error));
  client.on('error', cut).on('close', cut).on('end', cut);
  sftp.on('error', cut).on('close', cut).on('end', cut);

  const ask = <T>(start: (done: Done<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const settle = (): void => {
        pending.delete(reject);
        if (!ended) watch();
      };
      pending.add(reject);
      if (pending.size === 1) watch();
      try {
        start((error, value) => {
          settle();
          if (!error) return resolve(value);
          const { code } = error as { code?: unknown };
          reject(ended ?? (typeof code === 'number' ? new SftpStatus(code, error.message) : cutTrouble(host, error)));
        });
      } catch (error) {
        settle();
        // What the library finds wrong before it asks: that the connection has gone.
        reject(ended ?? cutTrouble(host, error));
      }
    });
  const does = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    ask<void>((done) => start((error) => done(error, undefined)));
  const offered = extensionsOf(sftp);

  return {
    offers: {
      fsync: offered['fsync@openssh.com'] === '1',
      posixRename: offered['posix-rename@openssh.com'] === '1',
      hardlink: offered['hardlink@openssh.com'] === '1',
      statvfs: offered['statvfs@openssh.com'] === '2',
    },
    alive: () => ended === null,
    open: (path, flags) => ask((done) => sftp.open(path, flags, fileMode, done)),
    close: (handle) => does((done) => sftp.close(handle, done)),
    read: (handle, target, at) => ask((done) => sftp.read(handle, bufferOf(target), 0, target.length, at, done)),
    write: (handle, bytes, at) => does((done) => sftp.write(handle, bufferOf(bytes), 0, bytes.length, at, done)),
    fsync: (handle) => does((done) => sftp.ext_openssh_fsync(handle, done)),
    stat: (path) => ask((done) => sftp.stat(path, done)),
    openDirectory: (path) => ask((done) => sftp.opendir(path, done)),
    async names(handle) {
      try {
        return await ask<FileEntryWithStats[]>((done) => sftp.readdir(handle, done));
      } catch (error) {
        if (error instanceof SftpStatus && error.status === status.eof) return null;
        throw error;
      }
    },
    mkdir: (path) => does((done) => sftp.mkdir(path, directoryMode, done)),
    remove: (path) => does((done) => sftp.unlink(path, done)),
    rename: (from, to) => does((done) => sftp.rename(from, to, done)),
    posixRename: (from, to) => does((done) => sftp.ext_openssh_rename(from, to, done)),
    hardlink: (from, to) => does((done) => sftp.ext_openssh_hardlink(from, to, done)),
    async free(path) {
      const told = await ask<Record<string, unknown>>((done) => sftp.ext_openssh_statvfs(path, done));
      const number = (name: string): number => (typeof told[name] === 'number' ? told[name] : Number.NaN);
      const free = number('f_bavail') * number('f_frsize');
      if (!(free >= 0)) throw new Trouble('broken', `${host} does not say sensibly how much is free.`);
      // File systems without a bound on the number of files say 0 of 0.
      return number('f_favail') === 0 && number('f_files') > 0 ? 0 : free;
    },
    end,
  };
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The library keeps what the server offered, but its types have no name for it. */
function extensionsOf(sftp: SFTPWrapper): Readonly<Record<string, unknown>> {
  const kept: unknown = Reflect.get(sftp, '_extensions');
  return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
}
