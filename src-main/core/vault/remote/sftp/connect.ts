import ssh2, { type AnyAuthMethod, type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import type { Dial } from '../resp/dial.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { hostKeyAlgorithms, type PinnedKey, pinOf, pinText } from './host-key.ts';
import { readAddress, type SftpAddress, type SftpTarget } from './options.ts';
import { lateConnecting, troubleOfConnecting } from './words.ts';

export interface SftpTiming {
  /** From the first packet until files can be asked for. */
  readonly connectMs: number;
  /** Something is asked, and for so long nothing at all is answered: the connection is dead. */
  readonly idleMs: number;
}

export const usualTiming: SftpTiming = { connectMs: 20_000, idleMs: 20_000 };

/** What both kinds of connection have; the deadline is ours, for all steps together. */
const configOf = (address: SftpAddress, pin: PinnedKey | null): ConnectConfig => ({
  ...address,
  readyTimeout: 0,
  // A server that went away without a word while nothing is asked of it.
  keepaliveInterval: 15_000,
  keepaliveCountMax: 2,
  algorithms: { serverHostKey: hostKeyAlgorithms(pin) },
});

/**
 * The key with which a server proves itself, to be shown to the person and pinned. No name and no password is sent.
 *
 * @returns `ssh-ed25519 SHA256:...`
 * @throws BAD_INPUT, Trouble
 */
export async function readHostKey(address: SftpAddress, clock: Clock, timing = usualTiming): Promise<string> {
  const to = readAddress(address);
  const client = new ssh2.Client();
  let cancel = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      cancel = clock.setTimer(timing.connectMs, () => reject(lateConnecting(to)));
      client.on('error', (error) => reject(troubleOfConnecting(to, error)));
      client.on('close', () => reject(troubleOfConnecting(to, null)));
      client.connect({
        ...configOf(to, null),
        username: 'hypha',
        hostVerifier: (key: Buffer) => {
          resolve(pinText(pinOf(key)));
          return false;
        },
      });
    });
  } finally {
    cancel();
    client.destroy();
  }
}

/** How to sign in, in this order: the key, the password, and the password where the server asks for it as a question. */
function authMethods({ user: username, key, password }: SftpTarget): AnyAuthMethod[] {
  const methods: AnyAuthMethod[] = [];
  if (key) methods.push({ type: 'publickey', username, key });
  if (password !== null) {
    methods.push({ type: 'password', username, password });
    methods.push({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _lang, prompts, finish) =>
        finish(prompts.map((one) => (one.echo ? '' : password))),
    });
  }
  return methods;
}

const changedKey = ({ host, hostKey }: SftpTarget, seen: PinnedKey): Trouble =>
  new Trouble(
    'refused',
    `The server that answers as ${host} shows another key (${seen.fingerprint}) than the one you confirmed (${hostKey.fingerprint}). It may be another server that pretends to be yours. Nothing was sent to it.`,
    {
      next: 'Ask who runs the server whether its key was changed. Only if so, confirm the new key.',
    },
  );

/** Connect, check the server's key before anything is said to it, sign in and start SFTP. @throws Trouble */
export async function connect(
  target: SftpTarget,
  clock: Clock,
  timing: SftpTiming,
  dial?: Dial,
): Promise<{ client: Client; sftp: SFTPWrapper }> {
  const client = new ssh2.Client();
  let refused: Trouble | null = null;
  let cancel = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      const failed = (error: unknown): void => reject(refused ?? troubleOfConnecting(target, error));
      const late = new AbortController();
      cancel = clock.setTimer(timing.connectMs, () => {
        late.abort();
        reject(lateConnecting(target));
      });
      // Stays: without a listener a late error would end the process.
      client.on('error', failed);
      client.on('close', () => failed(null));
      client.on('ready', () => {
        // Requests are small, and most wait for their answer before the next is sent.
        client.setNoDelay(true);
        client.sftp((error, sftp) => {
          if (error) failed(error);
          else resolve({ client, sftp });
        });
      });
      const how: ConnectConfig = {
        ...configOf(target, target.hostKey),
        username: target.user,
        authHandler: authMethods(target),
        hostVerifier: (key: Buffer) => {
          const seen = pinOf(key);
          if (seen.fingerprint === target.hostKey.fingerprint) return true;
          refused = changedKey(target, seen);
          return false;
        },
      };
      if (dial === undefined) return void client.connect(how);
      dial(late.signal).then(
        (sock) => {
          if (late.signal.aborted) sock.destroy();
          else client.connect({ ...how, sock });
        },
        // As the library says it of a socket of its own.
        (error: Error) => failed(Object.assign(error, { level: 'client-socket' })),
      );
    });
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    cancel();
  }
}
