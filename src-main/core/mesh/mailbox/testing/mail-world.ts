import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { addressOf } from '../../identity/address.ts';
import { decodeFragment, type Fragment } from '../../messages/fragment.ts';
import { createTopicRules, type TopicRules } from '../../messages/topics.ts';
import { createMessaging, type Messaging } from '../../node/messaging.ts';
import { createDice, type Dice } from '../../testing/dice.ts';
import { createEventQueue } from '../../testing/event-queue.ts';
import { subnetOf } from '../../wire/prefix.ts';
import { createMailbox, type Mailbox, type MailboxEvent, type MailboxLimits, mailboxMigrations } from '../index.ts';

/** A mailbox on a message stack, in a world whose time stands still until it is told. */
export interface MailHost {
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly path: string;
  readonly mailbox: Mailbox;
  readonly messaging: Messaging;
  readonly database: Database;
  readonly topics: TopicRules;
  readonly events: MailboxEvent[];
  /** Whether packets go out and come in. */
  online: boolean;
  /** The process ends: nothing is said to anybody, and what was not on disk is gone. */
  kill(): void;
  /** It runs again, on the same key and file. */
  start(limits?: Partial<MailboxLimits>): void;
}

export interface MailWorld {
  /** @param path of its database, if not beside the others */
  host(limits?: Partial<MailboxLimits>, path?: string): MailHost;
  run(ms: number): void;
  now(): number;
  readonly dice: Dice;
  /** Fragments that were sent: from whom, and what. */
  readonly sent: { from: MailHost; fragment: Fragment }[];
  /** Fragments for which it is true are lost. */
  lose: ((fragment: Fragment, from: MailHost) => boolean) | null;
  /** What was logged as an error. */
  readonly errors: unknown[];
  /** Of the time of day, which is not that of the clock. */
  timeOfDay: number;
  close(): void;
}

export function createMailWorld(seed: number): MailWorld {
  const dice = createDice(seed);
  const queue = createEventQueue();
  const directory = mkdtempSync(join(tmpdir(), 'hypha-mail-'));
  const hosts: { host: MailHost; receive(from: MailHost, to: Uint8Array, payload: Uint8Array): void }[] = [];
  let now = 1_000;

  const carry = (from: MailHost, destination: Uint8Array, payload: Uint8Array): void => {
    const fragment = decodeFragment(payload);
    if (fragment === null) throw new Error('a stack sent what is no fragment');
    world.sent.push({ from, fragment });
    if (!from.online || world.lose?.(fragment, from) === true) return;
    const to = hosts.find((one) => subnetOf(one.host.address).key === subnetOf(destination).key);
    queue.add(now + 20 * (1 + dice.next()), () => {
      if (to?.host.online === true) to.receive(from, destination, payload);
    });
  };

  const makeHost = (
    firstLimits: Partial<MailboxLimits> = {},
    path = join(directory, `${hosts.length}.db`),
  ): MailHost => {
    const publicKey = dice.bytes(32);
    const address = addressOf(publicKey);
    let alive: { stop(): void } | null = null;
    const host = {
      ...{ address, publicKey, path, online: true, events: [] as MailboxEvent[] },
      kill() {
        alive?.stop();
        alive = null;
        host.online = false;
      },
      start(limits: Partial<MailboxLimits> = firstLimits) {
        let running = true;
        const base = {
          clock: () => now,
          random: (n: number) => dice.bytes(n),
          setTimer(ms: number, fire: () => void) {
            let cancelled = false;
            queue.add(now + ms, () => {
              if (!cancelled && running) fire();
            });
            return () => {
              cancelled = true;
            };
          },
        };
        const database = openDatabase({ path, migrations: mailboxMigrations, log: silentLog });
        // Ends here are of processes, which the system's own memory survives; waiting for a disk shows nothing.
        database.db.exec('PRAGMA synchronous=OFF');
        const topics = createTopicRules(true);
        const mailbox = createMailbox({
          ...base,
          database,
          limits,
          self: { address, publicKey },
          now: () => world.timeOfDay + now,
          log: { ...silentLog, error: (fields) => world.errors.push(fields.error) },
          changed: (event) => host.events.push(event),
          connect(ports) {
            host.messaging = createMessaging({
              ...base,
              topics,
              send: (to, payload) => {
                if (running) carry(host, to, payload);
              },
              ...ports,
            });
            return host.messaging;
          },
        });
        Object.assign(host, { mailbox, database, topics, online: true });
        alive = {
          stop() {
            running = false;
            mailbox.stop();
            host.messaging.stop();
            database.close();
          },
        };
      },
    } as MailHost & { messaging: Messaging };
    host.start();
    hosts.push({
      host,
      receive: (from, destination, payload) =>
        host.messaging.receive({
          ...{ type: 'message', source: from.address, destination, publicKey: from.publicKey, hopLimit: 60, payload },
        }),
    });
    return host;
  };

  const world: MailWorld = {
    host: makeHost,
    dice,
    sent: [],
    errors: [],
    lose: null,
    timeOfDay: Date.UTC(2026, 0, 1),
    now: () => now,
    run(ms) {
      const until = now + ms;
      for (let event = queue.take(until); event !== null; event = queue.take(until)) {
        now = Math.max(now, event.at);
        event.run();
      }
      now = until;
    },
    close() {
      for (const { host } of hosts) host.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}
