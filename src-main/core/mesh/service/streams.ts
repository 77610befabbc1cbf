import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import type { Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressOf } from '../identity/address.ts';
import { cancelled } from '../netstack/errors.ts';
import { PortStream } from '../streams/port-stream.ts';
import type { Names, People } from './ports.ts';
import type { Targets } from './targets.ts';

/** Who is at the other end: the contact, or {@link Streams.contact} of an own device, and the mesh key (64 hex digits) of the device that called. */
export interface StreamCaller {
  readonly contact: string;
  readonly device: string;
}

/**
 * Connections between parts of Hypha and their like at contacts. Both ends are sure of the other: an address of the mesh is made of
 * its owner's key, and nobody sends under it without that key.
 */
export interface Streams {
  /**
   * Who is meant, and the mesh keys of their devices: a contact, or by `LABEL.me` one of the person's own other devices, which has its mesh key
   * in the place of a contact's id. @throws Fail NOT_FOUND, LOCKED
   */
  contact(who: string): { readonly contact: string; readonly name: string; readonly devices: readonly string[] };
  /** What a contact is called now; null while that is not known. */
  nameOf(contact: string): string | null;
  /** For questions: a name with what it stands for now. */
  say(who: string): string;
  /** Connect to whichever of these devices (mesh keys) answers first. @throws Fail MESH_OFF, REFUSED, UNREACHABLE, TIMED_OUT, CANCELLED */
  dial(
    devices: readonly string[],
    port: number,
    signal: AbortSignal,
  ): Promise<{ readonly stream: Duplex; readonly device: string }>;
  /**
   * Take connections of contacts at a port of the mesh address, over restarts of the node and of nobody else: a contact that is
   * blocked or removed is cut off at once. @param ownToo also those of the person's own other devices
   */
  listen(port: number, accept: (stream: Duplex, caller: StreamCaller) => void, ownToo?: boolean): () => Promise<void>;
  /** The same for the person's own other devices, and nobody else: one that is revoked is cut off at once. */
  listenOwn(port: number, accept: (stream: Duplex, device: string) => void): () => Promise<void>;
}

export interface StreamsDeps {
  readonly people: Pick<People, 'peers' | 'ownDevices'>;
  readonly names: Names;
  readonly log: Logger;
  readonly running: () => EngineThread | null;
  readonly targets: Pick<Targets, 'say' | 'unknown'>;
}

export function createStreams({ people, names, log, running, targets }: StreamsDeps) {
  /** Whom a port is for, and what takes the connection. */
  type Listener =
    | { readonly whom: 'contacts' | 'known'; readonly accept: (stream: Duplex, caller: StreamCaller) => void }
    | { readonly whom: 'own'; readonly accept: (stream: Duplex, device: string) => void };
  const listeners = new Map<number, Listener>();
  const open = new Map<PortStream, { readonly whom: Listener['whom']; readonly device: string }>();

  interface Caller {
    readonly address: Uint8Array;
    readonly device: string;
    /** Null: an own device. */
    readonly contact: string | null;
  }
  const addressed = (devices: readonly string[], contact: string | null): Caller[] =>
    devices.flatMap((device) => {
      const key = fromHex(device);
      return key?.length === 32 ? [{ address: addressOf(key), device, contact }] : [];
    });
  /** Devices of contacts that are not blocked, or own ones that are not revoked; locked or not. */
  const others = () => people.ownDevices().filter(({ current }) => !current);
  const callers = (whom: Listener['whom']): Caller[] => {
    if (whom === 'known') return [...callers('own'), ...callers('contacts')];
    return whom === 'own'
      ? addressed(
          others().map(({ meshKey }) => meshKey),
          null,
        )
      : people.peers().flatMap(({ contact, meshKeys, blocked }) => (blocked ? [] : addressed(meshKeys, contact)));
  };
  const allowed = (whom: Listener['whom']): Uint8Array[] => callers(whom).map(({ address }) => address);
  const quietly = (work: Promise<unknown> | undefined): void =>
    void work?.catch((error: unknown) => log.warn({ error: String(error) }, 'a port of the mesh is not listened on'));
  const listenOn = (thread: EngineThread, port: number): Promise<void> =>
    thread.call.listenStreams(port, allowed(listeners.get(port)?.whom ?? 'contacts'));
  const begin = (port: number, listener: Listener): (() => Promise<void>) => {
    listeners.set(port, listener);
    const thread = running();
    if (thread !== null) quietly(listenOn(thread, port));
    return async () => {
      listeners.delete(port);
      await running()
        ?.call.closeStreams(port)
        .catch(() => {});
    };
  };

  const streams: Streams = {
    contact(who) {
      const own = others().find(({ label, meshKey }) => who === `${label}.me` || who === `@${meshKey}`);
      if (own !== undefined) return { contact: own.meshKey, name: `${own.label}.me`, devices: [own.meshKey] };
      const contact = who.startsWith('@') ? who.slice(1) : names.contactOf(who);
      const peer = people.peers().find((one) => one.contact === contact && !one.blocked);
      if (contact === null || peer === undefined) throw targets.unknown(who);
      return { contact, name: names.contact(contact)?.name ?? who, devices: peer.meshKeys };
    },
    say: targets.say,
    nameOf(contact) {
      const own = others().find(({ meshKey }) => meshKey === contact);
      return own ? `${own.label}.me` : (names.about(contact).petname ?? names.contact(contact)?.name ?? null);
    },
    async dial(devices, port, signal) {
      const thread = running();
      if (thread === null) throw fail('MESH_OFF', 'The mesh node does not run.', { next: 'Join the mesh first.' });
      const keys = devices.flatMap((device) => {
        const key = fromHex(device);
        return key?.length === 32 ? [{ device, address: addressOf(key) }] : [];
      });
      if (signal.aborted) throw cancelled();
      const { port1, port2 } = new MessageChannel();
      const stop = (): void => port1.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const addresses = keys.map(({ address }) => address);
        const at = toHex(await thread.call.dialStream(addresses, port, port2));
        if (signal.aborted) throw cancelled();
        const device = keys.find(({ address }) => toHex(address) === at)?.device ?? '';
        return { stream: new PortStream(port1), device };
      } catch (error) {
        port1.close();
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    listen: (port, accept, ownToo = false) => begin(port, { whom: ownToo ? 'known' : 'contacts', accept }),
    listenOwn: (port, accept) => begin(port, { whom: 'own', accept }),
  };

  return {
    streams,
    /** Of the node's thread. */
    accepted(port: number, address: Uint8Array, channel: MessagePort): void {
      const listener = listeners.get(port);
      const at = toHex(address);
      const known = listener && callers(listener.whom).find((one) => toHex(one.address) === at);
      if (listener === undefined || known === undefined) {
        channel.close();
        return;
      }
      const stream = new PortStream(channel);
      const { device, contact } = known;
      open.set(stream, { whom: listener.whom, device });
      stream.once('close', () => open.delete(stream));
      stream.on('error', () => {});
      if (listener.whom === 'own') listener.accept(stream, device);
      else listener.accept(stream, { contact: contact ?? device, device });
    },
    /** The node was started. */
    async openAll(thread: EngineThread): Promise<void> {
      for (const port of listeners.keys())
        await listenOn(thread, port).catch((error) => quietly(Promise.reject(error)));
    },
    peopleChanged(): void {
      const now = { contacts: new Set<string>(), own: new Set<string>(), known: new Set<string>() };
      for (const whom of ['contacts', 'own', 'known'] as const)
        for (const { device } of callers(whom)) now[whom].add(device);
      for (const [stream, { whom, device }] of open) if (!now[whom].has(device)) stream.destroy();
      for (const [port, { whom }] of listeners) quietly(running()?.call.admitStreams(port, allowed(whom)));
    },
  };
}
