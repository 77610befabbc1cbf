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

/** Who is at the other end: the contact, and the mesh key (64 hex digits) of the device that called. */
export interface StreamCaller {
  readonly contact: string;
  readonly device: string;
}

/**
 * Connections between parts of Hypha and their like at contacts. Both ends are sure of the other: an address of the mesh is made of
 * its owner's key, and nobody sends under it without that key.
 */
export interface Streams {
  /** Who is meant, and the mesh keys of their devices. @throws Fail NOT_FOUND, LOCKED */
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
   * blocked or removed is cut off at once.
   */
  listen(port: number, accept: (stream: Duplex, caller: StreamCaller) => void): () => Promise<void>;
}

export interface StreamsDeps {
  readonly people: Pick<People, 'peers'>;
  readonly names: Names;
  readonly log: Logger;
  readonly running: () => EngineThread | null;
  readonly targets: Pick<Targets, 'say' | 'unknown'>;
}

export function createStreams({ people, names, log, running, targets }: StreamsDeps) {
  const listeners = new Map<number, (stream: Duplex, caller: StreamCaller) => void>();
  const open = new Map<PortStream, string>();

  /** By address: of devices of contacts that are not blocked; locked or not. */
  const callers = (): Map<string, { readonly address: Uint8Array; readonly caller: StreamCaller }> => {
    const found = new Map<string, { address: Uint8Array; caller: StreamCaller }>();
    for (const { contact, meshKeys, blocked } of people.peers()) {
      if (blocked) continue;
      for (const device of meshKeys) {
        const key = fromHex(device);
        if (key?.length !== 32) continue;
        const address = addressOf(key);
        found.set(toHex(address), { address, caller: { contact, device } });
      }
    }
    return found;
  };
  const allowed = (): Uint8Array[] => [...callers().values()].map(({ address }) => address);
  const quietly = (work: Promise<unknown> | undefined): void =>
    void work?.catch((error: unknown) => log.warn({ error: String(error) }, 'contacts are not listened for'));
  const listenOn = (thread: EngineThread, port: number): Promise<void> => thread.call.listenStreams(port, allowed());

  const streams: Streams = {
    contact(who) {
      const contact = who.startsWith('@') ? who.slice(1) : names.contactOf(who);
      const peer = people.peers().find((one) => one.contact === contact && !one.blocked);
      if (contact === null || peer === undefined) throw targets.unknown(who);
      return { contact, name: names.contact(contact)?.name ?? who, devices: peer.meshKeys };
    },
    say: targets.say,
    nameOf: (contact) => names.about(contact).petname ?? names.contact(contact)?.name ?? null,
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
    listen(port, accept) {
      listeners.set(port, accept);
      const thread = running();
      if (thread !== null) quietly(listenOn(thread, port));
      return async () => {
        listeners.delete(port);
        await running()
          ?.call.closeStreams(port)
          .catch(() => {});
      };
    },
  };

  return {
    streams,
    /** Of the node's thread. */
    accepted(port: number, address: Uint8Array, channel: MessagePort): void {
      const accept = listeners.get(port);
      const known = callers().get(toHex(address));
      if (accept === undefined || known === undefined) {
        channel.close();
        return;
      }
      const stream = new PortStream(channel);
      open.set(stream, known.caller.device);
      stream.once('close', () => open.delete(stream));
      stream.on('error', () => {});
      accept(stream, known.caller);
    },
    /** The node was started. */
    async openAll(thread: EngineThread): Promise<void> {
      for (const port of listeners.keys())
        await listenOn(thread, port).catch((error) => quietly(Promise.reject(error)));
    },
    peopleChanged(): void {
      const now = new Set([...callers().values()].map(({ caller }) => caller.device));
      for (const [stream, device] of open) if (!now.has(device)) stream.destroy();
      for (const port of listeners.keys()) quietly(running()?.call.admitStreams(port, allowed()));
    },
  };
}
