import { Trouble } from '../trouble.ts';
import type { SftpAddress } from './options.ts';

/** SSH_FX_ codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, 7). */
export const status = { eof: 1, noSuchFile: 2, denied: 3, failure: 4, badMessage: 5, unsupported: 8 } as const;

/** The server's answer to one request. Its text is for logs. */
export class SftpStatus extends Error {
  readonly status: number;

  constructor(code: number, said: string) {
    super(said);
    this.name = 'SftpStatus';
    this.status = code;
  }
}

export const isStatus = (error: unknown, code: number): boolean => error instanceof SftpStatus && error.status === code;

/** Put a refused request into words. `path` is what it was about. */
export function troubleOfStatus(host: string, path: string, error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (!(error instanceof SftpStatus)) {
    return new Trouble('broken', `${host} does not answer as an SFTP server does.`, { cause: error });
  }
  if (/no space|quota|disk (?:is )?full/i.test(error.message)) return fullTrouble(host, path);
  switch (error.status) {
    case status.noSuchFile:
      return new Trouble('absent', `${path} is not there on ${host}.`, {
        next: 'See that the disk is connected there and that the path is right.',
        cause: error,
      });
    case status.denied:
      return new Trouble('refused', `${host} does not let this user use ${path}.`, {
        next: 'Give the user the right to read and write there.',
        cause: error,
      });
    case status.unsupported:
    case status.badMessage:
      return new Trouble('broken', `${host} cannot do what a place needs (${error.message}).`, {
        next: 'Use another server, or another program for SFTP on it.',
        cause: error,
      });
    default:
      return new Trouble('broken', `${host} could not do it at ${path} (${error.message}).`, {
        next: 'See that the disk there is healthy and may be written to.',
        cause: error,
      });
  }
}

export const fullTrouble = (host: string, path: string): Trouble =>
  new Trouble('full', `${host} takes no more data at ${path}.`, { next: 'Make room there, or add another place.' });

export const cutTrouble = (host: string, cause?: unknown): Trouble =>
  new Trouble('silent', `The connection to ${host} was cut.`, { cause });

export const lateTrouble = (host: string): Trouble => new Trouble('silent', `${host} does not answer in time.`);

/** Trying that again at once would only take as long again. */
export const lateConnecting = ({ host }: SftpAddress): Trouble =>
  new Trouble('silent', `${host} cannot be reached, or does not answer in time.`, { passing: false });

/** Put what kept a connection from being made into words. */
export function troubleOfConnecting({ host, port }: SftpAddress, error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const { level, code, message = '' } = (error ?? {}) as { level?: string; code?: unknown; message?: string };
  if (level === 'client-authentication') {
    return new Trouble('refused', `${host} does not accept this user with this password or key.`, {
      next: 'Check the user’s name, the password or the key, and whether the server lets this user sign in.',
      cause: error,
    });
  }
  if (code === 'ENOTFOUND') {
    return new Trouble('silent', `There is no server named ${host}, or no network.`, { passing: false, cause: error });
  }
  if (level === 'client-socket' || level === 'client-timeout') {
    const what = code === 'ECONNREFUSED' ? `takes no connection at port ${port}` : 'cannot be reached';
    return new Trouble('silent', `${host} ${what}${typeof code === 'string' ? ` (${code})` : ''}.`, { cause: error });
  }
  if (level === 'handshake' || level === 'protocol') {
    return new Trouble('broken', `${host} and Hypha find no way to speak with each other (${message}).`, {
      next: 'See that an SSH server answers at this port, and that it is not too old.',
      cause: error,
    });
  }
  if (/subsystem|SFTP session|exit code/i.test(message)) {
    return new Trouble('broken', `${host} lets this user in, but gives no files by SFTP.`, {
      next: 'Switch SFTP on at the server, or allow it for this user.',
      cause: error,
    });
  }
  return cutTrouble(host, error);
}
