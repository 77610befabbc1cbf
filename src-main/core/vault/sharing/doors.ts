import type { Logger } from '#core/host.ts';
import { contactMark } from '#shared/model/firewall-rule.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { type DoorServer, openDoorServer } from './door-server.ts';
import type { ShareWays } from './ports.ts';
import type { Plainly } from './serve.ts';
import type { Door, SharingStore } from './store.ts';

export interface DoorsDeps {
  readonly store: SharingStore;
  readonly ways: ShareWays;
  readonly log: Logger;
  readonly traffic?: Traffic | undefined;
  readonly answer: (contact: string, question: Uint8Array, signal: AbortSignal) => Promise<Uint8Array | Plainly>;
}

/** Where each contact that something is shared with comes in: a port of the mesh address for each, which nobody else reaches. */
export interface Doors {
  /** Open again those that were open. Locked or not: while locked they say so. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port of the mesh address for a contact, opened where need be. @throws Fail TOO_MANY, IN_USE */
  open(contact: string): Promise<number>;
  /** Also one that is not open. @param used asked in the moment of closing: it stays where somebody needs it by then */
  close(contact: string, used: () => boolean): Promise<void>;
  contacts(): readonly string[];
}

/** The first port that is tried on the mesh address. */
const usualPort = 9931;

export function createDoors({ store, ways, log, traffic, answer }: DoorsDeps): Doors {
  const servers = new Map<string, DoorServer>();
  const failed = (error: unknown): void => log.warn({ error: String(error) }, 'a question about a share failed');
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };
  const doorOf = (contact: string): Door | null => store.doors().find((door) => door.contact === contact) ?? null;

  const serve = async (contact: string, port: number): Promise<DoorServer> => {
    const listen = (at: number) =>
      openDoorServer(at, (question, signal) => answer(contact, question, signal), failed, traffic);
    const server = await listen(port).catch(() => listen(0));
    servers.set(contact, server);
    return server;
  };

  const ensure = async (contact: string): Promise<number> => {
    const door = doorOf(contact);
    const server = servers.get(contact) ?? (await serve(contact, door?.localPort ?? 0));
    if (door !== null && door.offer !== null && door.localPort === server.port) return door.port;
    const taken = new Set(store.doors().flatMap((one) => (one.contact === contact ? [] : [one.port])));
    let wanted = door !== null && door.port > 0 ? door.port : usualPort;
    while (taken.has(wanted)) wanted++;
    const offer = await ways.offer(server.port, wanted, [`${contactMark}${contact}`], door?.offer ?? null);
    store.putDoor({ contact, localPort: server.port, offer: offer.id, port: offer.port });
    return offer.port;
  };

  return {
    start: () =>
      inTurn(async () => {
        for (const { contact } of store.doors()) {
          // One that cannot be opened keeps the others from nothing.
          await ensure(contact).catch((error: unknown) =>
            log.warn({ error: String(error) }, 'a share is not served: its port could not be opened'),
          );
        }
      }),
    stop: () =>
      inTurn(async () => {
        const all = [...servers.values()];
        servers.clear();
        await Promise.all(all.map((server) => server.close()));
      }),
    open: (contact) => inTurn(() => ensure(contact)),
    close: (contact, used) =>
      inTurn(async () => {
        if (used()) return;
        const door = doorOf(contact);
        const server = servers.get(contact);
        servers.delete(contact);
        await server?.close();
        if (door?.offer) await ways.withdraw(door.offer);
        if (door !== null) store.dropDoor(contact);
      }),
    contacts: () => store.doors().map(({ contact }) => contact),
  };
}
