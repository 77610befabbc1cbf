import { fromHex, toHex } from '#core/crypto/ids.ts';
import type { Logger } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { addressOf } from '../identity/address.ts';
import type { Mailbox } from '../mailbox/index.ts';
import type { Cards, People } from './ports.ts';

/*
 * Whole contact cards over the mesh. Whoever has only somebody's short card asks under the mesh keys it names: a message of this
 * topic whose content is the person id, as text. That id is in the card and cannot be told from a mesh address, so a stranger who
 * only knows the address learns nothing. The answer is a reply whose content is the whole card; it proves itself.
 */
export const cardTopic = new TextEncoder().encode('hypha/card');

export interface CardExchangeDeps {
  readonly cards: Cards & Pick<People, 'peers'>;
  /** The person's id; null before there is one. */
  readonly person: () => string | null;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly log: Logger;
}

export interface CardExchange {
  /** Ask for what is missing, and answer those who ask, through this mailbox until the signal aborts. */
  serve(mailbox: Mailbox, signal: AbortSignal): void;
  /** Contacts changed, or there was an unlock. */
  changed(): void;
}

const askAgain = 3_600_000;
/** A question waits so long for somebody who is offline. */
const patience = 7 * 86_400_000;
const year = 366 * 86_400_000;
/** After the mailbox could not be read or written: a full disk is not looked at without end. */
const pauseAfterFault = 60_000;

export function createCardExchange({ cards, person, clock, setTimer, log }: CardExchangeDeps): CardExchange {
  let current: Mailbox | null = null;
  /** When each contact was asked last. */
  const asked = new Map<string, number>();
  /** A card that came while locked: offered again at the next change. */
  let held: Uint8Array[] = [];

  const take = (card: Uint8Array): void => {
    let outcome: ReturnType<Cards['take']>;
    try {
      outcome = cards.take(card);
    } catch (error) {
      // One card that cannot be kept (a full disk) keeps neither others from coming nor the person from unlocking.
      log.warn({ error }, 'a contact card that came over the mesh was not kept');
      return;
    }
    if (outcome === 'later' && held.length < 100) held.push(card);
    if (outcome === 'refused') log.warn({}, 'a contact card that came over the mesh was refused');
  };

  const answer = (mailbox: Mailbox, message: { id: string; key: Uint8Array; data: Uint8Array }): void => {
    const mine = cards.myCard();
    const wanted = new TextDecoder().decode(message.data.subarray(0, 100));
    if (mine === null || wanted !== person()) return;
    // It tells of every device of the person's, the newest too.
    const asker = toHex(message.key);
    if (cards.peers().some(({ blocked, meshKeys }) => blocked && meshKeys.includes(asker))) return;
    mailbox.send({ destination: message.key, replyTo: message.id, data: mine, ttl: patience });
  };

  /** Deal with the next message that comes. */
  const hear = async (mailbox: Mailbox, signal: AbortSignal): Promise<void> => {
    const lent = await mailbox.borrow({ scopes: [cardTopic] }, { timeout: year, signal });
    if (lent === null) return;
    try {
      if (lent.message.reply) take(lent.message.data);
      else answer(mailbox, lent.message);
    } catch (error) {
      // A full outbox or disk: they ask again.
      if (!isFail(error)) throw error;
      log.warn({ error }, 'a contact card was not handed out');
    } finally {
      lent.done();
    }
  };

  const pause = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const over = (): void => {
        cancel();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const cancel = setTimer(pauseAfterFault, over);
      signal.addEventListener('abort', over);
    });

  const listen = async (mailbox: Mailbox, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await hear(mailbox, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error({ error }, 'contact cards are not exchanged for a moment');
        await pause(signal);
      }
    }
  };

  const ask = (): void => {
    const mailbox = current;
    if (mailbox === null) return;
    const under = new Set(
      mailbox
        .sent(10_000)
        .filter(({ state, topic }) => state === 'waiting' && toHex(topic) === toHex(cardTopic))
        .map(({ destination }) => toHex(destination)),
    );
    for (const { contact, person: id, meshKeys } of cards.waiting()) {
      const last = asked.get(contact);
      if (last !== undefined && clock() - last < askAgain) continue;
      asked.set(contact, clock());
      for (const key of meshKeys) {
        const destination = fromHex(key);
        if (destination === null || under.has(toHex(addressOf(destination)))) continue;
        try {
          mailbox.send({ destination, topic: cardTopic, data: new TextEncoder().encode(id), ttl: patience });
        } catch (error) {
          if (!isFail(error)) throw error;
          log.warn({ error }, 'a contact card was not asked for');
        }
      }
    }
  };

  return {
    serve(mailbox, signal) {
      current = mailbox;
      signal.addEventListener('abort', () => {
        if (current === mailbox) current = null;
      });
      void listen(mailbox, signal);
      ask();
    },
    changed() {
      const before = held;
      held = [];
      for (const card of before) take(card);
      ask();
    },
  };
}
