import type { Duplex } from 'node:stream';
import type { LetIn } from './let-in.ts';
import type { PeersDeps, Served } from './ports.ts';
import { createPace, type Pace } from './wire/pace.ts';
import { ledgerPort } from './wire/port.ts';
import { failed, notLetIn, type Patience, serveReader } from './wire/serving.ts';

/** Connections of one contact; a new one takes the place of the one that was quiet for longest. */
const mostOfOne = 4;
const mostOfAll = 64;
/** Somebody who is not let in hears so, and has so long to hang up. */
const farewellMs = 5_000;

interface Guest {
  readonly contact: string;
  readonly stream: Duplex;
  active: number;
}

export interface DoorsDeps extends Pick<PeersDeps, 'host' | 'log' | 'streams'> {
  readonly letIn: LetIn;
  /** Null while there is no ledger to show. */
  readonly served: () => Served | null;
  /** Somebody came or went. */
  readonly changed: () => void;
  readonly patience?: Patience;
}

/** Lets contacts in to the own ledger over the mesh: those the person named, as long as a ledger is open. */
export function createDoors({ host, log, streams, letIn, served, changed, patience }: DoorsDeps) {
  const guests = new Set<Guest>();
  const paces = new Map<string, Pace>();
  let stopListening: (() => Promise<void>) | null = null;

  const accept = (stream: Duplex, { contact }: { readonly contact: string }): void => {
    const ledger = served();
    const same = [...guests].filter((guest) => guest.contact === contact && !guest.stream.destroyed);
    if (ledger === null || (same.length < mostOfOne && guests.size >= mostOfAll)) {
      stream.destroy();
      return;
    }
    if (!letIn.has(contact)) {
      stream.on('error', () => {});
      const cancel = host.setTimer(farewellMs, () => stream.destroy());
      stream.once('close', cancel);
      stream.resume();
      stream.end(`${failed(null, notLetIn, 'This ledger is not shared with you.')}\n`);
      return;
    }
    if (same.length >= mostOfOne) same.reduce((a, b) => (b.active < a.active ? b : a)).stream.destroy();
    const guest: Guest = { contact, stream, active: host.now() };
    guests.add(guest);
    const pace = paces.get(contact) ?? createPace(host);
    paces.set(contact, pace);
    changed();
    void serveReader(stream, {
      ...{ host, log, served: ledger, pace },
      ...(patience === undefined ? {} : { patience }),
      active: () => {
        guest.active = host.now();
      },
    }).finally(() => {
      guests.delete(guest);
      if (![...guests].some((one) => one.contact === contact)) paces.delete(contact);
      changed();
    });
  };

  return {
    /** Take connections where there is somebody to let in and something to show; those who may no more are cut off. */
    settle(): void {
      const open = served() !== null && letIn.any();
      for (const { contact, stream } of guests) if (!open || !letIn.has(contact)) stream.destroy();
      if (open) stopListening ??= streams.listen(ledgerPort, accept);
      else void close();
    },
    isConnected: (contact: string): boolean => [...guests].some((guest) => guest.contact === contact),
    async stop(): Promise<void> {
      for (const { stream } of guests) stream.destroy();
      await close();
    },
  };

  async function close(): Promise<void> {
    const stop = stopListening;
    stopListening = null;
    await stop?.();
  }
}
