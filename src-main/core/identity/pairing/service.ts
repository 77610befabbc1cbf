import { isIP } from 'node:net';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Pairing } from '#shared/contract/pairing.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { makeDeviceKeys } from '../device-keys.ts';
import type { Identity } from '../index.ts';
import type { PairingChannel } from './channel.ts';
import { failures } from './failures.ts';
import { joinPairing, type Welcome } from './join.ts';
import { offerPairing } from './offer.ts';
import { callForPairing, listenForPairing } from './tcp-channel.ts';

export interface PairingDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  readonly identity: Pick<Identity, 'pairing' | 'person' | 'isUnlocked'>;
  /** What this computer is called among the person's devices. */
  readonly deviceName: string;
  /** This computer's addresses that others may reach, the likeliest first. */
  readonly addresses: () => readonly string[];
}

/** How long an offer stands, and how long persons may take to compare. */
const offerMs = 10 * 60_000;
/** From a connection to the code: no person has a part in that. */
const handshakeMs = 20_000;
/** Connections that came to nothing before a code was shown. */
const strangersMost = 20;

const idle: Pairing = {
  state: 'idle',
  role: null,
  addresses: [],
  code: null,
  device: null,
  expiresAt: null,
  failure: null,
};

interface Running {
  readonly abort: AbortController;
  stopTimer: () => void;
  /** Answers the question that a person is asked at the moment. */
  answer: ((said: { equal: boolean; withKeys: boolean }) => void) | null;
  protect: ((passphrase: string) => void) | null;
}

/** One pairing at a time, on either side. */
export class PairingService {
  readonly #deps: PairingDeps;
  #shown: Pairing = idle;
  #running: Running | null = null;

  constructor(deps: PairingDeps) {
    this.#deps = deps;
  }

  status(): Pairing {
    return this.#shown;
  }

  /** @throws Fail NO_IDENTITY, LOCKED, PAIRING_BUSY */
  async offer(): Promise<Pairing> {
    const { identity, host, addresses } = this.#deps;
    // Told now, and not when somebody stands at the other device.
    identity.pairing.secrets();
    const running = this.#begin('offer');
    let strangers = 0;
    let talking = false;
    try {
      const listening = await listenForPairing((channel) => {
        if (talking || running.abort.signal.aborted) return false;
        talking = true;
        void this.#serve(channel, running).then((again) => {
          talking = false;
          strangers++;
          // Whoever is on the network can knock; that ends the offer, and must not leave it looking open.
          if (strangers >= strangersMost) this.#end(running, failures.broken());
          else if (!again) running.abort.abort();
        });
        return true;
      });
      running.abort.signal.addEventListener('abort', () => listening.close(), { once: true });
      const found = addresses().map((address) => hostPort(address, listening.port));
      this.#show({ state: 'offered', role: 'offer', addresses: found, expiresAt: host.now() + offerMs });
    } catch (error) {
      this.#end(running, error);
      throw error;
    }
    return this.#shown;
  }

  /** @returns whether the offer still stands: nobody was shown a code */
  async #serve(channel: PairingChannel, running: Running): Promise<boolean> {
    const { identity, host } = this.#deps;
    let shown = false;
    const handshake = new AbortController();
    const stop = host.setTimer(handshakeMs, () => handshake.abort(failures.left()));
    try {
      await offerPairing({
        channel,
        random: host.random,
        now: host.now,
        signal: AbortSignal.any([running.abort.signal, handshake.signal]),
        confirm: (code, device) => {
          stop();
          shown = true;
          return this.#ask(running, { code, device });
        },
        secrets: identity.pairing.secrets,
        keep: identity.pairing.certify,
      });
      this.#end(running, null);
      return false;
    } catch (error) {
      if (shown || running.abort.signal.aborted) this.#end(running, error);
      return !shown;
    } finally {
      stop();
    }
  }

  /** @throws Fail ALREADY_EXISTS, PAIRING_BUSY, BAD_ADDRESS */
  join(at: string, name: string | undefined): Pairing {
    const target = readHostPort(at);
    if (target === null)
      throw fail('BAD_ADDRESS', 'This is no address that a device shows.', {
        meaning: 'Nothing was changed.',
        next: 'Type it as it stands on the other screen, with the number after the colon.',
      });
    const { identity } = this.#deps;
    const person = identity.person();
    if (person !== null)
      throw fail('ALREADY_EXISTS', 'There is already an identity on this computer.', {
        meaning: 'Nothing was changed.',
        next: 'Another person needs another data directory.',
      });
    const running = this.#begin('join');
    this.#show({ state: 'calling', role: 'join' });
    void this.#join(target, name ?? this.#deps.deviceName, running).then(
      () => this.#end(running, null),
      (error: unknown) => this.#end(running, error),
    );
    return this.#shown;
  }

  async #join(target: { host: string; port: number }, name: string, running: Running): Promise<void> {
    const { host, identity } = this.#deps;
    const { signal } = running.abort;
    const channel = await callForPairing(target.host, target.port, signal);
    if (channel === null) throw failures.nobody();
    const device = makeDeviceKeys(host.random);
    await joinPairing({
      channel,
      random: host.random,
      signal,
      device,
      name,
      confirm: async (code) => (await this.#ask(running, { code, device: name })).equal,
      adopt: async ({ entropy, ...welcome }: Welcome) => {
        const passphrase = entropy === null ? null : await this.#passphrase(running);
        const keys = entropy === null || passphrase === null ? null : { entropy, passphrase };
        await identity.pairing.adopt({ ...welcome, deviceName: name, device, keys });
      },
    });
  }

  /** @throws Fail PAIRING_NONE when this code is not asked about */
  answer(code: string, said: { equal: boolean; withKeys: boolean }): Pairing {
    const answer = this.#running?.answer ?? null;
    if (answer === null || this.#shown.code !== code) throw failures.none();
    answer(said);
    return this.#shown;
  }

  /** @throws Fail PAIRING_NONE */
  protect(passphrase: string): Pairing {
    const protect = this.#running?.protect ?? null;
    if (protect === null) throw failures.none();
    protect(passphrase);
    return this.#shown;
  }

  cancel(): Pairing {
    if (this.#running !== null) this.#end(this.#running, failures.cancelled());
    this.#show(idle);
    return this.#shown;
  }

  #begin(role: 'offer' | 'join'): Running {
    if (this.#running !== null) throw failures.busy();
    const running: Running = { abort: new AbortController(), stopTimer: () => {}, answer: null, protect: null };
    running.stopTimer = this.#deps.host.setTimer(offerMs, () => this.#end(running, failures.tooLate()));
    this.#running = running;
    this.#shown = { ...idle, role };
    return running;
  }

  #ask(running: Running, { code, device }: { code: string; device: string }) {
    return new Promise<{ equal: boolean; withKeys: boolean }>((resolve, reject) => {
      running.abort.signal.addEventListener('abort', () => reject(running.abort.signal.reason as Error), {
        once: true,
      });
      running.answer = (said) => {
        running.answer = null;
        this.#show({ ...this.#shown, state: 'waiting', code: null });
        resolve(said);
      };
      this.#show({ ...this.#shown, state: 'comparing', code, device });
    });
  }

  #passphrase(running: Running): Promise<string> {
    return new Promise((resolve, reject) => {
      running.abort.signal.addEventListener('abort', () => reject(running.abort.signal.reason as Error), {
        once: true,
      });
      running.protect = (passphrase) => {
        running.protect = null;
        this.#show({ ...this.#shown, state: 'waiting' });
        resolve(passphrase);
      };
      this.#show({ ...this.#shown, state: 'protecting' });
    });
  }

  #end(running: Running, error: unknown): void {
    if (this.#running !== running) return;
    this.#running = null;
    running.stopTimer();
    // Whoever waits for a person or the other side gives up with the same words.
    running.abort.abort(error ?? undefined);
    const { role, device } = this.#shown;
    if (error === null) {
      this.#show({ ...idle, state: 'done', role, device });
      return;
    }
    if (!isFail(error)) this.#deps.log.warn({ error }, 'pairing failed');
    const failure = isFail(error) ? error : failures.left();
    this.#show({ ...idle, state: 'failed', role, device, failure: failure.toFailure() });
  }

  #show(part: Partial<Pairing>): void {
    this.#shown = { ...idle, ...part };
    this.#deps.emit({ topic: 'identity', ids: [] });
  }
}

function hostPort(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `host:port`, with brackets around an IPv6 address; also after `hypha://pair/`. */
export function readHostPort(text: string): { host: string; port: number } | null {
  const bare = text.trim().replace(/^hypha:\/\/pair\//i, '');
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(bare);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match?.[1] !== undefined && isIP(host) !== 6) return null;
  return host !== '' && port > 0 && port < 65_536 ? { host, port } : null;
}
