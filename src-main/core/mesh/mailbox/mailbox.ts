import { blake3 } from '#core/crypto/blake3.ts';
import { toHex } from '#core/crypto/ids.ts';
import type { Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import { addressOf, isOverlayAddress } from '../identity/address.ts';
import { maxTopicBytes } from '../messages/fragment.ts';
import type { Message, MessagePorts } from '../messages/message-stack.ts';
import type { DeliveryState } from '../messages/outgoing.ts';
import type { Messaging } from '../node/messaging.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createCourier, type Parcel } from './courier.ts';
import { badTtl, inboxFull, noDestination, outboxFull, storeFailure, tooLarge, topicTooLong } from './failures.ts';
import { createInbox, type Inbox, type Lent, type Received } from './inbox.ts';
import type { InboxRow, Wanted } from './inbox-store.ts';
import { defaultMailboxLimits, defaultTtl, type MailboxLimits } from './limits.ts';
import { createOutboxStore, type OutboxRow } from './outbox-store.ts';
import { createSchedule } from './schedule.ts';
import type { WaitOptions } from './waiters.ts';

/** What the mailbox wants from the message stack, and what it does for it; see `MessagePorts`. */
export type StackPorts = Required<Omit<MessagePorts, 'transmit'>>;
export type Stack = Pick<Messaging, 'push' | 'read' | 'abort' | 'nudge' | 'status'>;

export interface MailboxEvent {
  readonly box: 'inbox' | 'outbox';
  /** 16 hex digits. */
  readonly id: string;
}

export interface MailboxDeps {
  /** Opened with `mailboxMigrations`; its owner closes it after `stop`. */
  readonly database: Database;
  readonly self: { readonly address: Uint8Array; readonly publicKey: Uint8Array };
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  /** Milliseconds since 1970 UTC: written to the database, where it outlives the clock. */
  readonly now: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly random: (n: number) => Uint8Array;
  readonly log: Logger;
  /** Makes the message stack, with the mailbox behind it. Called once, at once. */
  readonly connect: (ports: StackPorts) => Stack;
  readonly changed?: (event: MailboxEvent) => void;
  readonly limits?: Partial<MailboxLimits>;
}

export interface Outgoing {
  /** An address of the mesh (16 bytes) or a public key (32 bytes). */
  readonly destination: Uint8Array;
  /** At most 255 bytes; an answer has none. */
  readonly topic?: Uint8Array;
  readonly data: Uint8Array;
  /** Milliseconds it may wait for its receiver; a week. */
  readonly ttl?: number;
  /** The id of the message that this answers. */
  readonly replyTo?: string;
  /** The person wrote it: it can be listed and read when it has ended too, as long as it is among the newest. */
  readonly letter?: boolean;
  /** The contact that a letter is to; see {@link Mailbox.follow}. */
  readonly contact?: string | undefined;
  /**
   * Other devices of the one it goes to: each gets a copy of its own, tried and answered for by itself. An answer is one to
   * `destination` only, and to the others a message under `topic`. A device for which too much waits already is passed over, as
   * long as there is room for another.
   */
  readonly alsoTo?: readonly Uint8Array[];
}

/** What became of a message of ours. */
export interface Sent extends OutboxRow {
  /** While it is on its way: chunks in all, acknowledged, and sent but not acknowledged. */
  readonly progress: { readonly chunks: number; readonly acked: number; readonly flying: number } | null;
}

/**
 * Messages that survive: what is sent is on disk before `send` returns, and is tried until its receiver has it or its time is
 * over, whatever ends in between; what arrives is on disk before its sender is told so, and is kept once however often it comes.
 */
export interface Mailbox {
  /**
   * @returns the id, 16 hex digits; for an answer the id of what it answers
   * @throws Fail BAD_INPUT, TOPIC_TOO_LONG, MESSAGE_TOO_LARGE, OUTBOX_FULL, INBOX_FULL (to ourselves), DISK_FULL, DATABASE_DAMAGED;
   * nothing is sent then
   */
  send(message: Outgoing): string;
  /** Give up a message that waits. @returns false when none does under this id */
  cancel(id: string): boolean;
  /** Forget a message of ours, so that nothing tells of it any more; one that waits is given up. @returns false when it is not there */
  forget(seq: number): boolean;
  /** Null when nothing is known of the id. */
  status(id: string): Sent | null;
  /** Newest first; `before` is the `seq` of the last one seen. */
  sent(limit: number, before?: number): OutboxRow[];
  /** Where else a letter went: a copy for each other device of the same person. */
  copies(seq: number): OutboxRow[];
  /**
   * Devices of contacts changed. A letter that is still on its way to a contact, or reached none of their devices, goes to those they
   * have now: to new ones too, and no more to those that are theirs no longer.
   * @param devicesOf addresses, 16 bytes each; null where they are not known, and all stays as it is
   */
  follow(devicesOf: (contact: string) => readonly Uint8Array[] | null): void;
  /** As `sent`, of what the person wrote. */
  letters(limit: number, before?: number): OutboxRow[];
  /** A letter with its content; null when there is none under this `seq`. */
  letter(seq: number): (OutboxRow & { readonly data: Uint8Array }) | null;

  /** Take the oldest message that is wanted out, for good. @throws Fail BUSY, DISK_FULL, DATABASE_DAMAGED */
  pop(wanted: Wanted, options?: Omit<WaitOptions, 'peek'>): Promise<Received | null>;
  /** Look at it. Its sender is told that it was read. */
  peek(wanted: Wanted, options?: Omit<WaitOptions, 'peek'>): Promise<Received | null>;
  /** As `pop`, but it is gone only once the caller says so. */
  borrow(wanted: Wanted, options?: Omit<WaitOptions, 'peek'>): Promise<Lent | null>;
  /** Newest first, without content. */
  list(wanted: Wanted, limit: number, before?: number): InboxRow[];
  get(seq: number): Received | null;
  /** Those under an id, without content; senders choose it, so there may be several. */
  withId(id: string): InboxRow[];
  /** How many were not read, by scope. */
  unread(): { readonly scope: Uint8Array; readonly messages: number }[];
  /** Tells its sender. @returns false when there is no such message */
  markRead(seq: number): boolean;
  remove(seq: number): boolean;
  /**
   * The topic under which the node of this address sent us the message with this id, read or not; null when it did not, or so
   * long ago that it is forgotten.
   */
  topicOf(id: string, address: Uint8Array): Uint8Array | null;

  /** There is a way to the node that owns the address: what waits for it goes at once. */
  reachable(address: Uint8Array): void;
  /** There may be new ways to anybody: all that waits goes at once. */
  allReachable(): void;
  /** What is kept and what waits. */
  usage(): { inbox: ReturnType<Inbox['usage']>; outbox: { messages: number; bytes: number } };
  stop(): void;
}

/** The message stack gives up after this; a message that may wait longer is handed to it again. */
const longestPush = 24 * 3_600_000;
const pruneEvery = 100;

/** @throws Fail DATABASE_DAMAGED when the mailbox cannot be read */
export function createMailbox(deps: MailboxDeps): Mailbox {
  const { database, self, log } = deps;
  const limits = { ...defaultMailboxLimits, ...deps.limits };
  const own = subnetOf(self.address).key;
  // A message that was taken out leaves nothing behind in the file.
  database.db.exec('PRAGMA secure_delete=ON');
  const now = (): number => Math.floor(deps.now());
  const schedule = createSchedule(deps);
  const outbox = createOutboxStore(database);
  const inbox = createInbox({
    database,
    schedule,
    limits,
    log,
    now,
    tellRead: ({ id, source, reply }) => stack.read({ id, source, reply }),
    changed: ({ id }) => deps.changed?.({ box: 'inbox', id }),
  });
  let ended = 0;
  const prune = (): void => outbox.prune(limits.endedMessages, limits.keptLetters, limits.keptLetterBytes);

  /** Write down what became of a message. @returns whether it is written */
  const end = (seq: number, id: string, state: 'received' | 'read' | 'expired' | 'cancelled'): boolean => {
    try {
      outbox.end(seq, state, now());
      if (++ended % pruneEvery === 0) prune();
    } catch (error) {
      log.error({ error, id, state }, 'what became of a message cannot be written down');
      return false;
    }
    deps.changed?.({ box: 'outbox', id });
    return true;
  };

  const push = ({ seq, id, destination, deadline }: Parcel): boolean => {
    try {
      const row = outbox.get(seq);
      const data = outbox.data(seq);
      if (row === null || row.ended !== null || data === null) return false;
      const patience = Math.min(longestPush, Math.max(1, deadline - schedule.now()));
      const { topic } = row;
      return stack.push({ destination, topic, data, patience, ...(row.reply ? { replyTo: id } : { id }) }) !== null;
    } catch (error) {
      log.error({ error, id }, 'a message that waits cannot be read');
      return false;
    }
  };

  const courier = createCourier({
    schedule,
    limits,
    random: deps.random,
    push,
    status: (id) => stack.status(id),
    abort: (id) => void stack.abort(id),
    nudge: (id) => stack.nudge(id),
    arrived: ({ seq, id }) => end(seq, id, 'received'),
    expired: ({ seq, id }) => void end(seq, id, 'expired'),
  });

  /** The message of ours with this id, if it went there. */
  const ours = (id: string, there: Uint8Array | null): OutboxRow | null => {
    try {
      const row = outbox.find(id, false);
      if (row === null || there === null) return row;
      return subnetOf(row.destination).key === subnetOf(there).key ? row : null;
    } catch (error) {
      log.error({ error, id }, 'the outbox cannot be read');
      return null;
    }
  };

  const deliver = (message: Message): boolean => {
    // What says that it is an answer is one only if we asked there: nobody else's is taken for it.
    const question = message.reply ? ours(message.id, message.source) : null;
    const reply = question !== null;
    if (!inbox.keep({ ...message, reply }, question?.topic ?? message.topic)) return false;
    courier.heard(message.source);
    return true;
  };

  const changed = (id: string, state: DeliveryState): void => {
    if (state === 'sending') deps.changed?.({ box: 'outbox', id });
    courier.changed(id, state);
    // Also of what is under way still: the daemon may say so before it says that it arrived.
    if (state === 'read') wasRead(id, null);
  };

  /** @param source who says so; null when the message stack has made sure that it is who got it */
  const wasRead = (id: string, source: Uint8Array | null): void => {
    const row = ours(id, source);
    if (row === null || row.state === 'read') return;
    // Read is received, also when we were not told of that.
    if (row.state === 'waiting') courier.remove(row.seq);
    end(row.seq, id, 'read');
  };

  const stack = deps.connect({
    deliver,
    changed,
    room: (publicKey, length) => length <= limits.payload && inbox.room(publicKey, length),
    asked: (id, source) => ours(id, source) !== null,
    readLate: wasRead,
  });

  const carry = (row: OutboxRow, remaining: number): void => {
    const { seq, id, destination, size } = row;
    courier.add({ seq, id, destination, size, deadline: schedule.now() + remaining });
  };

  const isOwn = (destination: Uint8Array): boolean => subnetOf(destination).key === own;

  /** There is no way to the own subnet, and none is needed. @returns whether it is kept there */
  const keepOwn = ({ seq, id, destination, topic, reply }: OutboxRow, data: Uint8Array): boolean => {
    const { address: source, publicKey } = self;
    const message = { id, source, publicKey, destination, topic, data, digest: blake3(data), reply };
    const kept = inbox.keep(message, reply ? (ours(id, source)?.topic ?? topic) : topic);
    end(seq, id, kept ? 'received' : 'cancelled');
    return kept;
  };

  const addressOfTarget = (to: Uint8Array): Uint8Array => {
    const destination = to.length === 32 ? addressOf(to) : to;
    if (destination.length !== 16 || !isOverlayAddress(destination)) throw noDestination();
    return destination;
  };
  const isFull = (destination: Uint8Array, size: number): boolean => {
    const there = courier.load(destination);
    return there.messages >= limits.destinationMessages || there.bytes + size > limits.destinationBytes;
  };
  const newId = (): string => toHex(deps.random(8));

  const send = ({ destination: to, topic = new Uint8Array(0), data, ttl = defaultTtl, ...how }: Outgoing): string => {
    const { replyTo, letter = false, contact = null, alsoTo = [] } = how;
    const wanted = [to, ...alsoTo].map(addressOfTarget);
    if (topic.length > maxTopicBytes) throw topicTooLong(maxTopicBytes);
    if (data.length > limits.payload) throw tooLarge(limits.payload);
    if (!(ttl >= 1_000 && ttl <= limits.longestTtl)) throw badTtl(limits.longestTtl);
    const reply = replyTo !== undefined;
    // Who asked is who an answer is for.
    const [destination, ...others] = wanted.filter((one, i) => (reply && i === 0) || !isFull(one, data.length));
    const all = courier.load();
    const rows = 1 + others.length;
    if (
      destination === undefined ||
      isFull(destination, data.length) ||
      all.messages + rows > limits.outboxMessages ||
      all.bytes + rows * data.length > limits.outboxBytes
    )
      throw outboxFull(courier.load(wanted[0]).messages);
    const id = replyTo ?? newId();
    const created = now();
    let written: OutboxRow[];
    try {
      const made = { id, reply, letter, contact, destination, topic: reply ? new Uint8Array(0) : topic, created };
      const copies = others.map((other) => ({ id: newId(), destination: other, topic }));
      written = outbox.add({ ...made, expires: created + Math.ceil(ttl) }, data, copies);
    } catch (error) {
      throw storeFailure(error, 'It was not sent.');
    }
    for (const row of written) {
      if (!isOwn(row.destination)) carry(row, ttl);
      else if (!keepOwn(row, data)) {
        outbox.remove(row.seq);
        throw inboxFull();
      }
    }
    deps.changed?.({ box: 'outbox', id });
    return id;
  };

  const followOne = (letter: OutboxRow, devices: readonly Uint8Array[]): void => {
    const rows = [letter, ...outbox.copies(letter.seq)];
    const theirs = new Set(devices.map((address) => subnetOf(address).key));
    const arrived = rows.some(({ state }) => state === 'received' || state === 'read');
    const open = !arrived || rows.some(({ state }) => state === 'waiting');
    for (const { seq, id, state, destination } of rows) {
      if (state !== 'waiting' || theirs.has(subnetOf(destination).key)) continue;
      courier.remove(seq);
      end(seq, id, 'cancelled');
    }
    // What an answer is about is known to those only that it went to at first.
    if (!open || letter.reply) return;
    const told = new Set(rows.map(({ destination }) => subnetOf(destination).key));
    for (const destination of devices) {
      const load = courier.load();
      const fits = load.messages < limits.outboxMessages && load.bytes + letter.size <= limits.outboxBytes;
      if (!fits || isFull(destination, letter.size) || told.has(subnetOf(destination).key)) continue;
      carry(outbox.addCopy(letter, { id: newId(), destination, topic: letter.topic }), letter.expires - now());
    }
  };

  try {
    prune();
    for (const row of outbox.waiting()) {
      // Only an end of the program between the two lets one to ourselves wait; what is kept already is kept once.
      const data = isOwn(row.destination) ? outbox.data(row.seq) : null;
      if (data !== null) {
        keepOwn(row, data);
        continue;
      }
      // A time of day that was set back while we were away makes no message live longer than it was to.
      const remaining = Math.min(row.expires - now(), row.expires - row.created, limits.longestTtl);
      carry(row, Math.max(0, remaining));
    }
  } catch (error) {
    throw storeFailure(error, 'The mailbox stays closed.');
  }

  const take = (wanted: Wanted, options: WaitOptions): Promise<Lent | null> =>
    inbox.take(wanted, options).catch((error: unknown) => {
      throw storeFailure(error, 'No message was taken out.');
    });

  return {
    send,
    cancel(id) {
      const row = outbox.find(id, false) ?? outbox.find(id, true);
      if (row === null || !courier.remove(row.seq)) return false;
      return end(row.seq, id, 'cancelled');
    },
    forget(seq) {
      let gone: boolean;
      let copies: readonly OutboxRow[];
      try {
        copies = outbox.copies(seq);
        gone = outbox.remove(seq);
      } catch (error) {
        throw storeFailure(error, 'It is not forgotten.');
      }
      for (const one of [seq, ...copies.map((copy) => copy.seq)]) courier.remove(one);
      return gone;
    },
    copies: outbox.copies,
    follow(devicesOf) {
      const known = new Map<string, readonly Uint8Array[] | null>();
      try {
        for (const letter of outbox.toContacts(now())) {
          const contact = letter.contact ?? '';
          const devices = known.has(contact) ? known.get(contact) : devicesOf(contact);
          known.set(contact, devices ?? null);
          if (devices) followOne(letter, devices);
        }
      } catch (error) {
        log.error({ error }, 'letters on their way do not follow the devices of contacts');
      }
    },
    status(id) {
      const row = outbox.find(id, false) ?? outbox.find(id, true);
      if (row === null) return null;
      const live = row.state === 'waiting' ? stack.status(id) : null;
      if (live?.state !== 'sending') return { ...row, progress: null };
      const { chunks, acked, flying } = live;
      return { ...row, progress: { chunks, acked, flying } };
    },
    sent: (limit, before) => outbox.list(limit, before ?? null, false),
    letters: (limit, before) => outbox.list(limit, before ?? null, true),
    letter(seq) {
      const row = outbox.get(seq);
      const data = row?.letter ? outbox.data(seq) : null;
      return row === null || data === null ? null : { ...row, data };
    },
    async pop(wanted, options = {}) {
      const lent = await take(wanted, options);
      lent?.done();
      return lent?.message ?? null;
    },
    peek: async (wanted, options = {}) => (await take(wanted, { ...options, peek: true }))?.message ?? null,
    borrow: (wanted, options = {}) => take(wanted, options),
    list: (wanted, limit, before) => inbox.list(wanted, limit, before ?? null),
    get: inbox.get,
    withId: inbox.withId,
    unread: inbox.unread,
    markRead: inbox.markRead,
    remove: inbox.remove,
    topicOf(id, address) {
      const { key } = subnetOf(address);
      const sender = inbox.sendersOf(id).find((one) => subnetOf(addressOf(one)).key === key);
      return sender === undefined ? null : inbox.scopeOf(sender, id);
    },
    reachable: courier.reachable,
    allReachable: courier.allReachable,
    usage: () => ({ inbox: inbox.usage(), outbox: courier.load() }),
    stop() {
      schedule.stop();
      inbox.stop();
    },
  };
}
