import { readFile, rename, unlink } from 'node:fs/promises';
import { equalBytes } from '#core/crypto/equal.ts';
import type { Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

type Decoded<T> = { ok: true; value: T } | { ok: false; cause: string; newer: boolean };

export type ReadOutcome<T> =
  | {
      readonly state: 'good';
      readonly value: T /** The file itself was damaged or gone. */;
      readonly restored: boolean;
    }
  | { readonly state: 'missing' }
  /** Neither can be used. `cause` in plain words. */
  | { readonly state: 'damaged'; readonly cause: string };

export interface TwoCopies<T> {
  readonly path: string;
  read(): Promise<ReadOutcome<T>>;
  /** Durable when it returns: the file first, then its copy. When it throws, the old content is still in force. */
  write(bytes: Uint8Array): Promise<void>;
  /** Put both out of the way under a name that says why, keeping them. */
  setAside(why: string): Promise<void>;
}

/**
 * A file of which a second good copy is kept as `PATH.copy`, with mode 0600. Both hold the same content, not an older one:
 * an old keystore would still open with the passphrase that was just changed. A crash between the two writes leaves a good
 * new file and a good old copy; the next read makes them agree. A damaged file is kept as `PATH.damaged` and replaced.
 */
export function twoCopies<T>(path: string, decode: (bytes: Uint8Array) => Decoded<T>, log: Logger): TwoCopies<T> {
  const copy = `${path}.copy`;
  const write = async (to: string, bytes: Uint8Array) => writeFileAtomic(to, bytes, { mode: 0o600 });

  async function heal(to: string, bytes: Uint8Array): Promise<void> {
    // The content is safe in the other file; a full disk must not keep a person out.
    await write(to, bytes).catch((error: unknown) =>
      log.warn({ path: to, error: String(error) }, 'copy not refreshed'),
    );
  }

  return {
    path,
    async read() {
      const main = await load(path, decode);
      if (main.state === 'damaged' && main.newer) return { state: 'damaged', cause: main.cause };
      const other = await load(copy, decode);
      if (main.state === 'good') {
        if (other.state !== 'good' || !equalBytes(other.bytes, main.bytes)) await heal(copy, main.bytes);
        return { state: 'good', value: main.value, restored: false };
      }
      if (other.state === 'good') {
        log.warn({ path, cause: main.state === 'damaged' ? main.cause : 'missing' }, 'restored from its copy');
        if (main.state === 'damaged') await rename(path, `${path}.damaged`).catch(() => {});
        await heal(path, other.bytes);
        return { state: 'good', value: other.value, restored: true };
      }
      if (main.state === 'damaged') return { state: 'damaged', cause: main.cause };
      return other.state === 'damaged'
        ? { state: 'damaged', cause: `it is gone, and of its copy: ${other.cause}` }
        : main;
    },
    async write(bytes) {
      await write(path, bytes);
      // From here on it is done, and said to be. A copy that cannot follow (a full disk) must not stay behind with the old
      // content: the next read makes a new one.
      try {
        await write(copy, bytes);
      } catch (error) {
        log.warn({ path: copy, error: String(error) }, 'copy not written');
        await unlink(copy).catch(() => {});
      }
    },
    async setAside(why) {
      for (const from of [path, copy]) {
        await rename(from, `${from}.${why}`).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        });
      }
    },
  };
}

type Loaded<T> =
  | { state: 'good'; value: T; bytes: Uint8Array }
  | { state: 'missing' }
  | { state: 'damaged'; cause: string; newer: boolean };

/** Far above any of these files: the key log is the largest at a few megabytes. */
const most = 16 * 1024 * 1024;

async function load<T>(path: string, decode: (bytes: Uint8Array) => Decoded<T>): Promise<Loaded<T>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { state: 'missing' };
    return { state: 'damaged', cause: `it cannot be read (${code ?? String(error)})`, newer: false };
  }
  if (bytes.length > most) return { state: 'damaged', cause: `it is ${bytes.length} bytes long`, newer: false };
  const decoded = decode(bytes);
  return decoded.ok ? { state: 'good', value: decoded.value, bytes } : { ...decoded, state: 'damaged' };
}
