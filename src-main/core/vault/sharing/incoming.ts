import { commitOne, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { freeName } from '../names.ts';
import { createPipe, type Pipe } from '../service/uploads.ts';
import type { Ingested, Stored } from '../store/ingest.ts';
import { manifestFits } from '../store/publish.ts';
import type { Node } from '../tree.ts';
import type { Asking, arrivalHow, No } from './format/asking.ts';
import type { Given } from './records.ts';
import { pathWithin, rootOf } from './subtree.ts';

type Send = Extract<Asking, { ask: 'send' }>;
type How = (typeof arrivalHow)[number];

/** Thrown for what is answered with a plain no. */
export class Refused extends Error {
  readonly code: No;
  constructor(code: No) {
    super(code);
    this.code = code;
  }
}

/** Files that come at one time: of one contact, and of all. */
const mostOfContact = 2;
const mostOfAll = 8;
/** One that nothing came for so long is given up. */
export const incomingIdleMs = 10 * 60_000;
/** So many that have arrived are remembered, for whoever did not hear of it and asks again. */
const doneMost = 256;

interface Incoming {
  readonly share: string;
  readonly contact: string;
  readonly session: Session;
  readonly send: Send;
  readonly pipe: Pipe;
  readonly ingested: Promise<Ingested>;
  received: number;
  used: number;
  busy: boolean;
}

export interface Arrived {
  readonly node: Node;
  readonly how: How;
}

/** Files that receivers of shares send. Nothing of one is seen in the vault before all of it is there and durable. */
export interface IncomingFiles {
  /** Begin one, or tell how far it is. @throws Refused */
  send(session: Session, share: Given, send: Send): number;
  piece(share: Given, upload: string, offset: number, bytes: Uint8Array): Promise<number>;
  /** @param landed told before it is answered, once: what arrived */
  done(
    session: Session,
    share: Given,
    upload: string,
    by: string,
    landed: (arrived: Arrived) => void,
  ): Promise<Arrived>;
  stop(share: string, upload: string): void;
  /** The share ended, or there was a lock (null): what was under way is given up. */
  giveUp(share: string | null): void;
}

/** @param spent told of bytes that came through a share and are no file: until room is freed they lie on the places */
export function createIncoming(core: Core, spent: (share: string, bytes: number) => void): IncomingFiles {
  const coming = new Map<string, Incoming>();
  const arrived = new Map<string, Arrived & { readonly session: Session }>();
  const now = (): number => core.deps.host.now();
  const keyOf = (share: string, upload: string): string => `${share}/${upload}`;

  /** `bySender`: it was theirs to go on, or they said stop. */
  const drop = (key: string, bySender: boolean): void => {
    const one = coming.get(key);
    if (one === undefined) return;
    coming.delete(key);
    if (bySender) spent(one.share, one.received);
    one.pipe.fail(new Refused('INCOMPLETE'));
    // Its chunks stay pinned while a commit may still refer to them.
    if (!one.busy) one.ingested.then((done) => done.release()).catch(() => {});
  };
  let cancelSweep = (): void => {};
  const sweep = (): void => {
    for (const [key, { busy, used }] of [...coming]) if (!busy && now() - used >= incomingIdleMs) drop(key, true);
    cancelSweep();
    // Also where nobody asks for anything any more: what has come of it is held in memory and on the places.
    if (coming.size > 0) cancelSweep = core.deps.host.setTimer(incomingIdleMs, sweep);
  };
  const find = (share: string, upload: string): Incoming => {
    sweep();
    const one = coming.get(keyOf(share, upload));
    if (one === undefined || one.busy) throw new Refused(one === undefined ? 'INCOMPLETE' : 'BUSY');
    one.used = now();
    return one;
  };

  /** @returns null when what it would take the place of is not there any more */
  const show = (session: Session, spot: Spot, { modified, replaces }: Send, stored: Stored, by: string) => {
    const { parent, how } = spot;
    const siblings = session.tree.children(parent);
    const name = how === 'beside' ? freeName(aside(spot.name, by), (n) => siblings.has(n)) : spot.name;
    const clash = how === 'version' ? ({ clash: 'replace', over: replaces } as const) : ({ clash: 'both' } as const);
    return commitOne(core, session, { id: newItemId(core), parent, name, modified, stored, ...clash });
  };

  return {
    send(session, share, send) {
      sweep();
      const key = keyOf(share.id, send.upload);
      if (arrived.has(key)) return send.size;
      const known = coming.get(key);
      if (known !== undefined && known.session === session) {
        known.used = now();
        return known.received;
      }
      drop(key, false);
      place(session, share, send);
      const all = [...coming.values()];
      // What is under way counts as if it had arrived.
      const underWay = all.reduce((sum, one) => sum + (one.share === share.id ? one.send.size : 0), 0);
      if (underWay + send.size > share.room) throw new Refused('DISK_FULL');
      if (all.length >= mostOfAll || all.filter(({ contact }) => contact === share.contact).length >= mostOfContact) {
        throw new Refused('BUSY');
      }
      const pipe = createPipe();
      const ingested = session.ingest.file(
        send.size,
        () => pipe.source,
        () => {},
        session.signal,
      );
      // Whoever sends is told at the next piece.
      ingested.catch((error: unknown) => pipe.fail(error));
      const { id, contact } = share;
      coming.set(key, { share: id, contact, session, send, pipe, ingested, received: 0, used: now(), busy: false });
      sweep();
      return 0;
    },

    async piece(share, upload, offset, bytes) {
      if (arrived.has(keyOf(share.id, upload))) throw new Refused('BAD_INPUT');
      const one = find(share.id, upload);
      // It came already, or something before it did not: the sender goes on from where we are.
      if (offset !== one.received) return one.received;
      if (offset + bytes.length > one.send.size) throw new Refused('BAD_INPUT');
      one.received += bytes.length;
      if (bytes.length > 0) await Promise.race([one.pipe.push(bytes.slice()), one.ingested.then(() => {})]);
      return one.received;
    },

    async done(session, share, upload, by, landed) {
      const key = keyOf(share.id, upload);
      const before = arrived.get(key);
      if (before !== undefined) return before;
      const one = find(share.id, upload);
      if (one.received !== one.send.size || one.session !== session) throw new Refused('INCOMPLETE');
      one.busy = true;
      one.pipe.end();
      let done: Ingested | null = null;
      let shown = false;
      try {
        done = await one.ingested;
        if (!manifestFits(done.file.chunks.length, session.vault)) throw new Refused('TOO_LARGE');
        session.ingest.flush();
        await done.stored;
        // Much may have happened while it came: it goes where it belongs now, and over nothing that its sender did not see.
        let spot = place(session, share, one.send);
        let node = await show(session, spot, one.send, done.file, by);
        // Another version took the place of what it was made from in this very moment: now it goes beside.
        if (node === null) {
          spot = place(session, share, one.send);
          node = await show(session, spot, one.send, done.file, by);
        }
        if (node === null) throw new Refused('BUSY');
        shown = true;
        const result = { node, how: spot.how, session };
        arrived.set(key, result);
        for (const old of [...arrived.keys()].slice(0, Math.max(0, arrived.size - doneMost))) arrived.delete(old);
        landed(result);
        return result;
      } finally {
        done?.release();
        if (coming.delete(key) && !shown) spent(share.id, one.received);
      }
    },

    stop: (share, upload) => drop(keyOf(share, upload), true),
    giveUp(share) {
      for (const [key, one] of [...coming]) if (share === null || one.share === share) drop(key, false);
      if (share === null) arrived.clear();
    },
  };
}

interface Spot {
  readonly parent: string | null;
  readonly name: string;
  readonly how: How;
}

/** Where a file that was sent goes. @throws Refused */
function place(session: Session, share: Given, send: Send): Spot {
  const root = rootOf(session, share);
  if (root === null) throw new Refused('NOT_FOUND');
  if (send.replaces === null) {
    if (root.kind === 'file') throw new Refused('NOT_FOUND');
    const folder = pathWithin(session, root, send.into)?.at(-1);
    if (!folder?.children) throw new Refused('NOT_FOUND');
    return { parent: folder.id, name: send.name, how: 'new' };
  }
  const base = session.tree.get(send.replaces);
  const within = base !== null && pathWithin(session, root, base.id) !== null;
  if (within && base.kind === 'file') return { parent: base.parent, name: base.name, how: 'version' };
  // What it was made from is not there any more: another version has taken its place, or it was deleted. Both are kept.
  if (root.kind === 'file') return { parent: root.parent, name: root.name, how: 'beside' };
  const folder = (base?.parent && pathWithin(session, root, base.parent)?.at(-1)) || root;
  return { parent: folder.children ? folder.id : root.id, name: send.name, how: 'beside' };
}

/** `plan.txt` from Ann: `plan (from Ann).txt`. */
export function aside(name: string, by: string): string {
  const ending = /.(\.[^.]{1,16})$/.exec(name)?.[1] ?? '';
  const who = by.replaceAll(/[/\0]/g, '_').slice(0, 40);
  const stem = name.slice(0, name.length - ending.length);
  const tail = ` (from ${who})${ending}`;
  let kept = stem;
  while (Buffer.byteLength(kept + tail) > 240 && kept.length > 1) kept = kept.slice(0, -1).toWellFormed();
  return `${kept}${tail}`;
}
