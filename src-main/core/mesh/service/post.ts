import { equalBytes } from '#core/crypto/equal.ts';
import type { Database } from '#core/store/database.ts';
import { isOwnTopic, type MeshMessage, type MessageId, messageIdSchema } from '#shared/contract/mesh/index.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Delivery } from '../forward/ports.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { adoptLetters, createMailbox, type InboxRow, type Mailbox, type OutboxRow } from '../mailbox/index.ts';
import { createMessaging, type Messaging } from '../node/messaging.ts';
import { subnetOf } from '../wire/prefix.ts';
import type { MeshDeps, Names } from './ports.ts';
import type { TopicList } from './topic-list.ts';

export interface PostDeps extends Pick<MeshDeps, 'host' | 'log' | 'clock'> {
  readonly names: Names;
  /** Opened with `mailboxMigrations`. */
  readonly database: Database;
  /** The mesh's own, with {@link sentMigration}: letters of earlier releases are in it. */
  readonly own: Database;
  readonly topics: TopicList;
  /** Hand a payload to the node, where one runs. */
  readonly transmit: (destination: Uint8Array, payload: Uint8Array) => void;
  readonly changed: () => void;
  /** A mailbox is open, until the signal aborts: for what the agent itself says to other agents. */
  readonly opened: (mailbox: Mailbox, signal: AbortSignal) => void;
}

export interface Self {
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** What the person reads and writes: the mailbox, for whoever this node is at the time. */
export interface Post {
  /** The node is this now; null when there is no identity. */
  become(self: Self | null): void;
  receive(delivery: Delivery): void;
  /** There may be new ways: what waits is tried at once. */
  tryAgain(): void;
  /** Devices of contacts changed. */
  peopleChanged(): void;
  /** @throws Fail NO_IDENTITY */
  mailbox(): Mailbox;
  list(wanted: {
    box: 'in' | 'out' | 'all';
    topic: string | undefined;
    unread: boolean;
    limit: number;
    before: number | undefined;
    /** What an earlier list gave as `next`. */
    after: string | undefined;
  }): { readonly messages: MeshMessage[]; readonly next: string | null };
  unread(): number;
  read(id: MessageId): { message: MeshMessage; data: Uint8Array };
  markRead(ids: readonly MessageId[]): number;
  send(message: {
    /** One letter for all these devices of somebody, at least one; of an answer, who asked is the first. */
    to: readonly [Uint8Array, ...Uint8Array[]];
    /** Whose devices they are. */
    contact: string | null;
    text: string;
    topic: string;
    replyTo: MessageId | undefined;
    ttl: number;
  }): MeshMessage;
  /** The message that an answer is to, from one of these addresses. @throws Fail NOT_FOUND; BAD_INPUT when it is from none of these addresses */
  answered(id: MessageId, to: readonly Uint8Array[]): InboxRow;
  remove(id: MessageId): void;
  stop(): void;
}

/** Where what the person wrote was kept earlier; now it is in the mailbox, with the row that sends it. */
export const sentMigration = 'CREATE TABLE written (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;';

const page = 200;
const previewed = 65_536;
const previewLength = 200;
const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true });

export function createPost(deps: PostDeps): Post {
  const { database, host, log, topics } = deps;
  try {
    adoptWritten(deps);
  } catch (error) {
    // A full disk is no reason to be without the mesh; they are where they were, and taken over at the next start.
    log.warn({ error }, 'letters of an earlier release could not be taken over');
  }
  let current: { self: Self; mailbox: Mailbox; messaging: Messaging; end: AbortController } | null = null;

  const open = (self: Self): void => {
    let messaging: Messaging | null = null;
    const mailbox = createMailbox({
      database,
      self,
      log,
      clock: deps.clock,
      now: host.now,
      setTimer: host.setTimer,
      random: host.random,
      changed: deps.changed,
      connect(ports) {
        messaging = createMessaging({
          ...ports,
          clock: deps.clock,
          setTimer: host.setTimer,
          random: host.random,
          send: deps.transmit,
          topics,
        });
        return messaging;
      },
    });
    if (messaging === null) throw new Error('the mailbox asked for no message stack');
    const end = new AbortController();
    current = { self, mailbox, messaging, end };
    follow();
    deps.opened(mailbox, end.signal);
  };
  const follow = (): void =>
    current?.mailbox.follow((contact) => {
      // Nothing is known of who is gone, and who is blocked may be let in again.
      if (deps.names.about(contact).state !== 'known') return null;
      return deps.names.contact(contact)?.addresses ?? [];
    });
  const close = (): void => {
    current?.end.abort();
    current?.messaging.stop();
    current?.mailbox.stop();
    current = null;
  };
  const mailbox = (): Mailbox => {
    if (current !== null) return current.mailbox;
    throw fail('NO_IDENTITY', 'There is no identity yet, and messages come and go by its address.', {
      next: 'Create or restore your identity first.',
    });
  };

  const inView = (row: InboxRow): MeshMessage => ({
    id: idOf('in', row.seq),
    box: 'in',
    address: addressText(row.source),
    name: deps.names.nameOf(row.source),
    topic: lenient(row.topic),
    text: row.size > previewed ? null : previewOf(mailbox().get(row.seq)?.data ?? null),
    size: row.size,
    at: row.received,
    state: row.read === null ? 'new' : 'read',
    devices: null,
    replyTo: row.reply ? outId(row.id) : null,
  });
  const outView = (row: OutboxRow): MeshMessage => {
    const rows = [row, ...mailbox().copies(row.seq)];
    return {
      id: idOf('out', row.seq),
      box: 'out',
      address: addressText(row.destination),
      // Their device may be theirs no longer; whom it was to stays.
      name: (row.contact === null ? null : deps.names.about(row.contact).label) ?? deps.names.nameOf(row.destination),
      topic: lenient(row.topic),
      text: row.size > previewed ? null : previewOf(mailbox().letter(row.seq)?.data ?? null),
      size: row.size,
      at: row.created,
      ...deliveryOf(rows.map(({ state }) => state)),
      replyTo: row.reply ? inId(row) : null,
    };
  };
  /** Ours that a reply answers, whichever device it comes from. */
  const outId = (id: string): MessageId | null => {
    const sent = mailbox().status(id);
    if (sent === null || sent.reply) return null;
    const seq = sent.copyOf ?? sent.seq;
    return mailbox().letter(seq) === null ? null : idOf('out', seq);
  };
  /** Theirs that our reply answers. */
  const inId = ({ id, destination }: OutboxRow): MessageId | null => {
    const sameNode = (one: InboxRow): boolean => equalBytes(one.source.subarray(0, 8), destination.subarray(0, 8));
    const row = mailbox().withId(id).find(sameNode);
    return row === undefined || isOwnTopic(row.scope) ? null : idOf('in', row.seq);
  };

  /** What agents say among themselves is no letter, and neither shown nor answered nor taken away as one. */
  const came = (seq: number): ReturnType<Mailbox['get']> => {
    const row = mailbox().get(seq);
    return row === null || isOwnTopic(row.scope) ? null : row;
  };
  const answered: Post['answered'] = (id, to) => {
    const { box, seq } = parse(id);
    const question = box === 'in' ? came(seq) : null;
    if (question === null) throw unknown();
    const { key } = subnetOf(question.source);
    if (to.some((address) => subnetOf(address).key === key)) return question;
    throw fail('BAD_INPUT', `That message came from ${addressText(question.source)}, and not from whom this goes to.`, {
      meaning: 'Nothing was sent.',
      next: 'Answer who wrote it, or send a message that is no answer.',
    });
  };
  const unknown = () => fail('NOT_FOUND', 'There is no such message.', { next: 'Look at the list of messages.' });

  return {
    become(self) {
      if (self !== null && current !== null && equalBytes(self.publicKey, current.self.publicKey)) return;
      close();
      if (self !== null) open(self);
    },
    receive: (delivery) => current?.messaging.receive(delivery),
    tryAgain: () => current?.mailbox.allReachable(),
    peopleChanged: () => follow(),
    mailbox,
    list({ box, topic, unread, limit, before, after }) {
      const box_ = mailbox();
      // Each box goes by arrival, and both are joined by time: so a page ends at one place in each, whatever the clock did.
      const [inFrom, outFrom] = (after ?? '').split('-').map((text) => (text === '' ? undefined : Number(text)));
      const wanted = { ...(topic === undefined ? {} : { topic: utf8.encode(topic) }), unread };
      const earlier = (at: number): boolean => before === undefined || at < before;
      // One more than wanted tells whether there are more.
      const incoming =
        box === 'out'
          ? []
          : newest(
              (from) => box_.list(wanted, page, from ?? inFrom),
              (row) => earlier(row.received) && !isOwnTopic(row.scope),
              limit + 1,
            );
      // What programs and the agent itself send is no letter of the person's.
      const outgoing =
        box === 'in' || unread
          ? []
          : newest(
              (from) => box_.letters(page, from ?? outFrom),
              (row) => earlier(row.created) && (topic === undefined || lenient(row.topic) === topic),
              limit + 1,
            );
      const messages: MeshMessage[] = [];
      let [ins, outs] = [0, 0];
      while (messages.length < limit) {
        const [came, went] = [incoming[ins], outgoing[outs]];
        if (came !== undefined && (went === undefined || came.received >= went.created)) {
          messages.push(inView(came));
          ins++;
        } else if (went !== undefined) {
          messages.push(outView(went));
          outs++;
        } else break;
      }
      const more = ins < incoming.length || outs < outgoing.length;
      const all = Number.MAX_SAFE_INTEGER;
      const end = (rows: readonly { seq: number }[], taken: number, from = all): number =>
        Math.min(rows[taken - 1]?.seq ?? from, 10 ** 15 - 1);
      return { messages, next: more ? `${end(incoming, ins, inFrom)}-${end(outgoing, outs, outFrom)}` : null };
    },
    unread: () =>
      (current?.mailbox.unread() ?? []).reduce(
        (sum, { scope, messages }) => sum + (isOwnTopic(scope) ? 0 : messages),
        0,
      ),
    read(id) {
      const { box, seq } = parse(id);
      const incoming = box === 'in' ? came(seq) : null;
      if (incoming !== null) return { message: inView(incoming), data: incoming.data };
      const letter = box === 'out' ? mailbox().letter(seq) : null;
      if (letter === null) throw unknown();
      return { message: outView(letter), data: letter.data };
    },
    markRead: (ids) =>
      ids.filter((id) => {
        const { box, seq } = parse(id);
        return box === 'in' && came(seq) !== null && mailbox().markRead(seq);
      }).length,
    answered,
    send({ to: [first, ...others], contact, text, topic, replyTo, ttl }) {
      const question = replyTo === undefined ? null : answered(replyTo, [first]);
      const data = utf8.encode(text);
      // An answer goes to whoever asked, whatever their address is called by now.
      const answer =
        question === null
          ? { destination: first, topic: utf8.encode(topic) }
          : { destination: question.source, replyTo: question.id, topic: question.scope };
      const theirs = contact === null ? {} : { contact };
      mailbox().send({ ...answer, ...theirs, alsoTo: others, data, ttl, letter: true });
      const [row] = mailbox().letters(1);
      if (row === undefined) throw new Error('what was sent is not in the outbox');
      return outView(row);
    },
    remove(id) {
      const { box, seq } = parse(id);
      if (box === 'in') {
        if (came(seq) === null || !mailbox().remove(seq)) throw unknown();
        return;
      }
      if (mailbox().letter(seq) === null) throw unknown();
      mailbox().forget(seq);
    },
    stop: close,
  };
}

/** The first so many rows that are wanted, of a list that is read page by page. */
function newest<R extends { readonly seq: number }>(
  read: (before: number | undefined) => readonly R[],
  wanted: (row: R) => boolean,
  limit: number,
): R[] {
  const found: R[] = [];
  for (let rows = read(undefined); rows.length > 0 && found.length < limit; rows = read(rows.at(-1)?.seq)) {
    found.push(...rows.filter(wanted));
  }
  return found.slice(0, limit);
}

const idOf = (box: 'in' | 'out', seq: number): MessageId => messageIdSchema.parse(`${box}-${seq}`);

function parse(id: MessageId): { box: 'in' | 'out'; seq: number } {
  const [, box, seq] = /^(in|out)-(\d{1,15})$/.exec(id) ?? [];
  return { box: box === 'in' ? 'in' : 'out', seq: Number(seq ?? -1) };
}

/** Take over what an earlier release kept of what the person wrote: in the mailbox first, and gone here after that. */
function adoptWritten({ own, database }: Pick<PostDeps, 'own' | 'database'>): void {
  const rows = own.db.prepare('SELECT seq, data FROM written').all() as { seq: number; data: Uint8Array }[];
  if (rows.length === 0) return;
  adoptLetters(database, rows);
  // Letters leave nothing behind in the file.
  own.db.exec('PRAGMA secure_delete=ON; DELETE FROM written; PRAGMA secure_delete=OFF');
}

/** What became of a letter whose copies went to several devices. Those that are theirs no longer do not count. */
function deliveryOf(states: readonly OutboxRow['state'][]): Pick<MeshMessage, 'state' | 'devices'> {
  const counted = states.filter((state) => state !== 'cancelled');
  const order = ['read', 'received', 'waiting', 'expired'] as const;
  const best = order.find((state) => counted.includes(state)) ?? 'cancelled';
  const received = counted.filter((state) => state === 'received' || state === 'read').length;
  return { state: best === 'read' ? 'seen' : best, devices: { all: Math.max(1, counted.length), received } };
}

/** Text as far as it is text. */
function lenient(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The beginning of a text; null when it is none. */
function previewOf(data: Uint8Array | null): string | null {
  if (data === null) return null;
  try {
    return strict.decode(data).slice(0, previewLength);
  } catch {
    return null;
  }
}
