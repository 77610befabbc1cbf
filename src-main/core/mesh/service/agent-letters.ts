import type { Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Lent, Mailbox } from '../mailbox/index.ts';

/** What the Hyphas of contacts write to each other about what they share; sealed and signed by whoever writes it. */
export const shareTopic = new TextEncoder().encode('hypha/share');

/** And about deals; sealed and signed likewise. */
export const dealTopic = new TextEncoder().encode('hypha/deal');

type Take = (from: Uint8Array, data: Uint8Array) => void;

export interface AgentLettersDeps {
  readonly topic: Uint8Array;
  readonly log: Logger;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** Of the devices of a contact, 16 bytes each. */
  readonly addresses: (contact: string) => readonly Uint8Array[];
}

/** Letters of one topic of Hypha's own, for another part of it. */
export interface AgentLetters {
  /** To all devices of a contact; on disk when it returns. @throws Fail NOT_FOUND, NO_IDENTITY and as the mailbox */
  send(contact: string, data: Uint8Array): void;
  /** One listener. A letter is gone when `take` returns; when it throws it is offered again later. */
  onLetter(take: Take): () => void;
  /** Through this mailbox until the signal aborts. */
  serve(mailbox: Mailbox, signal: AbortSignal): void;
}

const patience = 30 * 86_400_000;
const year = 366 * 86_400_000;
const againMs = 60_000;
/** Letters that could not be taken, and stand aside for so long: one of them must not keep those behind it waiting. */
const asideMost = 32;

export function createAgentLetters({ topic, log, setTimer, addresses }: AgentLettersDeps): AgentLetters {
  let current: { readonly mailbox: Mailbox; readonly signal: AbortSignal } | null = null;
  let take: Take | null = null;

  const pause = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = setTimer(againMs, end);
      signal.addEventListener('abort', end, { once: true });
    });

  const listen = async (mailbox: Mailbox, signal: AbortSignal): Promise<void> => {
    let aside = 0;
    const standAside = async (lent: Lent): Promise<void> => {
      aside++;
      await pause(signal);
      aside--;
      lent.giveBack();
    };
    while (!signal.aborted) {
      let lent: Lent | null = null;
      try {
        lent = await mailbox.borrow({ scopes: [topic] }, { timeout: year, signal });
        if (lent === null) continue;
        take?.(lent.message.key, lent.message.data);
        lent.done();
      } catch (error) {
        // A full disk, or a mailbox that cannot be read for a moment: it stays where it is.
        if (!signal.aborted) log.warn({ error: String(error) }, 'a letter between agents could not be taken yet');
        if (signal.aborted) lent?.giveBack();
        else if (lent !== null && aside < asideMost) void standAside(lent);
        else {
          lent?.giveBack();
          await pause(signal);
        }
      }
    }
  };
  /** What is listened for begins when there are a mailbox and somebody who listens. */
  let listening: AbortController | null = null;
  const settle = (): void => {
    listening?.abort();
    listening = null;
    if (current === null || take === null) return;
    const { mailbox, signal } = current;
    const own = new AbortController();
    listening = own;
    const either = AbortSignal.any([signal, own.signal]);
    void listen(mailbox, either);
  };

  return {
    send(contact, data) {
      const [destination, ...alsoTo] = addresses(contact);
      if (destination === undefined) {
        throw fail('NOT_FOUND', 'No device of this contact is known.', { next: 'Wait until their card has come.' });
      }
      if (current === null) throw fail('NO_IDENTITY', 'There is no identity yet.');
      current.mailbox.send({ destination, alsoTo, topic, data, ttl: patience });
    },
    onLetter(next) {
      take = next;
      settle();
      return () => {
        if (take !== next) return;
        take = null;
        settle();
      };
    },
    serve(mailbox, signal) {
      const mine = { mailbox, signal };
      current = mine;
      signal.addEventListener('abort', () => {
        if (current !== mine) return;
        current = null;
        settle();
      });
      settle();
    },
  };
}
