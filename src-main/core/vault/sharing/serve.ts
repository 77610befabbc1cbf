import type { ItemId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { isFull } from '../places/places.ts';
import { readFile } from '../service/read.ts';
import type { Node } from '../tree.ts';
import {
  type Answer,
  type Asking,
  decodeAsking,
  encodeAnswer,
  listMost,
  type No,
  type SharedEntry,
} from './format/asking.ts';
import { type CallKeys, callKeys, lookAtQuestion, openQuestion, sealAnswer } from './format/call.ts';
import { createInOrder, type InOrder } from './in-order.ts';
import { createIncoming, type IncomingFiles, Refused } from './incoming.ts';
import type { SharePeople } from './ports.ts';
import type { Given } from './records.ts';
import type { SharingStore } from './store.ts';
import { pathWithin, rootOf } from './subtree.ts';

/** What is said without a seal, because there is no key to seal it with: `unknown` also for what is somebody else's. */
export type Plainly = 'locked' | 'unknown' | 'ended' | 'renewed';

/** The owner's side: answers what receivers ask. */
export interface Serving {
  /** @param contact whose device asks, as the mesh makes sure of */
  answer(contact: string, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array | Plainly>;
  readonly incoming: IncomingFiles;
}

/** How often it is written down when a share was used last. */
const usedEveryMs = 60_000;

export function createServing(core: Core, store: SharingStore, people: SharePeople): Serving {
  const { host, log } = core.deps;
  const incoming = createIncoming(core, (id, bytes) => {
    const share = store.given().find((one) => one.id === id);
    if (share === undefined || share.endedAt !== null || bytes === 0) return;
    try {
      store.putGiven({ ...share, room: Math.max(0, share.room - bytes) });
    } catch (error) {
      log.warn({ error: String(error) }, 'what came through a share in vain was not counted');
    }
  });
  const keys = new Map<string, { readonly generation: number; readonly keys: CallKeys }>();
  const keysOf = ({ id, generation, key }: Given): CallKeys => {
    const known = keys.get(id);
    if (known?.generation === generation) return known.keys;
    const made = callKeys(key, id);
    keys.set(id, { generation, keys: made });
    return made;
  };
  const orders = new WeakMap<Session, InOrder>();
  const sorted = (session: Session): InOrder => {
    const known = orders.get(session) ?? createInOrder(session.tree);
    orders.set(session, known);
    return known;
  };
  core.onLock(() => {
    keys.clear();
    incoming.giveUp(null);
  });

  const used = (share: Given): Given => {
    const at = host.now();
    if (share.usedAt !== null && Math.abs(at - share.usedAt) < usedEveryMs) return share;
    const next = { ...share, usedAt: at };
    try {
      store.putGiven(next);
      return next;
    } catch (error) {
      // A full disk keeps nobody from reading.
      log.warn({ error: String(error) }, 'when a share was used last was not written down');
      return share;
    }
  };

  const act = async (session: Session, share: Given, asking: Asking, signal: AbortSignal): Promise<Answer> => {
    const writes = asking.ask !== 'look' && asking.ask !== 'read';
    if (writes && share.access !== 'write') throw new Refused('READ_ONLY');
    switch (asking.ask) {
      case 'look':
        return look(session, sorted(session), share, asking.item, asking.after);
      case 'read': {
        const root = rootOf(session, share);
        const node = root && pathWithin(session, root, asking.item)?.at(-1);
        if (!node) throw new Refused('NOT_FOUND');
        if (node.kind !== 'file') throw new Refused('NOT_A_FILE');
        const length = Math.min(asking.length, Math.max(0, node.size - asking.offset));
        const pieces: Uint8Array[] = [];
        for await (const piece of readFile(session, node.id, asking.offset, length, signal)) pieces.push(piece);
        signal.throwIfAborted();
        return { say: 'bytes', bytes: new Uint8Array(Buffer.concat(pieces)) };
      }
      case 'send':
        return { say: 'received', received: incoming.send(session, share, asking) };
      case 'piece':
        return {
          say: 'received',
          received: await incoming.piece(share, asking.upload, asking.offset, asking.bytes),
        };
      case 'done': {
        const by = people.about(share.contact).name ?? 'a contact';
        const { node, how } = await incoming.done(session, share, asking.upload, by, (landed) => {
          const { id: item, name, size } = landed.node;
          // As it is by now: it may have been changed or taken back meanwhile.
          const now = store.given().find(({ id }) => id === share.id) ?? share;
          const arrival = { v: 1, share: share.id, contact: share.contact, item: item as ItemId, name, size } as const;
          store.addArrival(
            { ...arrival, how: landed.how, at: host.now() },
            { ...now, room: Math.max(0, now.room - size) },
          );
          core.changed([item], false);
        });
        return { say: 'arrived', item: entryOf(node), how };
      }
      case 'stop':
        incoming.stop(share.id, asking.upload);
        return { say: 'stopped' };
    }
  };

  return {
    incoming,
    async answer(contact, question, signal) {
      const session = core.current();
      const self = people.self();
      if (core.deps.keys.root() === null || session === null || self === null || !store.isOpen()) return 'locked';
      const about = lookAtQuestion(question);
      const share = about && store.given().find(({ id }) => id === about.share);
      if (!share || share.contact !== contact || people.about(contact).state !== 'known') return 'unknown';
      // Somebody else under the same id of a contact would be a fault of ours; their keys would not open it either.
      if (people.keys(contact)?.person !== share.person) return 'unknown';
      if (share.endedAt !== null || (share.expires !== null && share.expires <= host.now())) return 'ended';
      if (about.generation !== share.generation) return 'renewed';
      const callKeys = keysOf(share);
      const plain = openQuestion(callKeys, question);
      if (plain === null) return 'unknown';
      const asking = decodeAsking(plain);
      let answer: Answer;
      try {
        if (asking === null) throw new Refused('BAD_INPUT');
        answer = await act(session, used(share), asking, signal);
      } catch (error) {
        if (session.signal.aborted) return 'locked';
        answer = {
          say: 'no',
          code: codeOf(error, (detail) => log.warn({ error: detail }, 'a share was not answered')),
        };
      }
      if (core.deps.keys.root() === null) return 'locked';
      return sealAnswer(callKeys, question, encodeAnswer(answer), host.random);
    },
  };
}

function look(session: Session, inOrder: InOrder, share: Given, item: string | null, after: string | null): Answer {
  const root = rootOf(session, share);
  const path = root && pathWithin(session, root, item);
  const node = path?.at(-1);
  if (!path || !node) throw new Refused('NOT_FOUND');
  const rest = node.children ? inOrder.after(node, after) : [];
  return {
    say: 'looked',
    item: entryOf(node),
    path: path.map(({ id, name }) => ({ id: id as ItemId, name: name.normalize('NFC') })),
    entries: rest.slice(0, listMost).map(entryOf),
    total: node.children?.size ?? 0,
    more: rest.length > listMost,
  };
}

function entryOf({ id, kind, name, size, modified, mime }: Node): SharedEntry {
  return { id: id as ItemId, kind, name: name.normalize('NFC'), size, modified, mime };
}

function codeOf(error: unknown, log: (detail: string) => void): No {
  if (error instanceof Refused) return error.code;
  if (isFail(error, 'DAMAGED')) return 'DAMAGED';
  if (isFail(error, 'DISK_FULL') || isFail(error, 'NOT_ENOUGH_PLACES') || isFull(error)) return 'DISK_FULL';
  if (isFail(error, 'NOT_FOUND')) return 'NOT_FOUND';
  log(String(error));
  return 'INTERNAL';
}
