import ssh2, { type ParsedKey } from 'ssh2';
import { fail } from '#shared/rpc/fail.ts';
import { type PinnedKey, readPin } from './host-key.ts';

/** How to reach a place on an SSH server: plain data, as it is stored. */
export interface SftpOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** One of password and privateKey, or both. */
  readonly password?: string | undefined;
  /** In OpenSSH's or PEM form. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Absolute, or below the directory where the user's sessions begin. */
  readonly path: string;
  /** What `readHostKey` gave when the person said that it is the right server: `ssh-ed25519 SHA256:...`. */
  readonly hostKey: string;
}

export interface SftpAddress {
  readonly host: string;
  readonly port: number;
}

export interface SftpTarget extends SftpAddress {
  readonly user: string;
  readonly password: string | null;
  readonly key: ParsedKey | null;
  /** Without a slash at its end; `/` alone for the top. */
  readonly path: string;
  readonly hostKey: PinnedKey;
}

const wrong = (message: string, next: string) => fail('BAD_INPUT', message, { next });
const control = /\p{Cc}/u;

/** @throws BAD_INPUT for what cannot be the address of a server */
export function readAddress(options: SftpAddress): SftpAddress {
  // An IPv6 address may stand in brackets, as in addresses of web pages.
  const host = options.host.trim().replace(/^\[(.*)\]$/, '$1');
  if (!/^[^\s/@%?#\p{Cc}]{1,255}$/u.test(host)) {
    throw wrong(`“${host}” is not the name of a server.`, 'Give its name or address alone: no user, path or port.');
  }
  if (!Number.isInteger(options.port) || options.port < 1 || options.port > 65_535) {
    throw wrong(`${options.port} is not a port.`, 'SSH servers usually listen on port 22.');
  }
  return { host, port: options.port };
}

/**
 * Check what a person gave. A private key under a passphrase is opened here, which takes a good part of a second.
 *
 * @throws BAD_INPUT, with what is wrong about it
 */
export function readSftpOptions(options: SftpOptions): SftpTarget {
  const address = readAddress(options);
  const user = options.user.trim();
  if (user === '' || control.test(user) || user.length > 255) {
    throw wrong('The name of the user is missing.', 'Give the user as whom you sign in on the server.');
  }
  const password = options.password ? options.password : null;
  const key = options.privateKey ? readPrivateKey(options.privateKey, options.passphrase) : null;
  if (password === null && key === null) {
    throw wrong('There is neither a password nor a private key.', 'Give one of them, or both.');
  }
  const hostKey = readPin(options.hostKey);
  if (!hostKey) {
    throw wrong(
      'The fingerprint of the server’s key is missing or is not one.',
      'Look at the server’s key first and confirm it.',
    );
  }
  return { ...address, user, password, key, path: readPath(options.path), hostKey };
}

function readPrivateKey(text: string, passphrase: string | undefined): ParsedKey {
  // Of the package as a whole: Node finds no `utils` among the names of this CommonJS module.
  const parsed = ssh2.utils.parseKey(text, passphrase || undefined) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) {
    const said = key?.message ?? '';
    if (/no passphrase/i.test(said)) throw wrong('The private key is under a passphrase.', 'Give the passphrase too.');
    if (/bad passphrase|bad decrypt|integrity check/i.test(said)) {
      throw wrong('The passphrase does not open the private key.', 'Type it once more.');
    }
    throw wrong(
      'The private key cannot be read.',
      'Give the whole file, from its first line of dashes to the last: id_ed25519, not id_ed25519.pub.',
    );
  }
  if (!key.isPrivateKey()) {
    throw wrong('This is the public half of the key.', 'Give the private one: the file without .pub at its end.');
  }
  return key;
}

function readPath(text: string): string {
  const trimmed = text.trim();
  const levels = trimmed
    .replace(/^~\/?/, '')
    .split('/')
    .filter((level) => level !== '' && level !== '.');
  if (levels.some((level) => level === '..' || control.test(level) || !level.isWellFormed())) {
    throw wrong(
      `“${trimmed}” cannot be the path of a place.`,
      'Give a plain path, like backups/hypha, without two dots.',
    );
  }
  if (Buffer.byteLength(trimmed) > 3000) throw wrong('The path is too long.', 'Give a shorter one.');
  if (trimmed.startsWith('/')) return `/${levels.join('/')}`;
  if (levels.length === 0) {
    throw wrong('The path is missing.', 'Give a directory for the place alone, like backups/hypha.');
  }
  return levels.join('/');
}
