import { fromHex } from '#core/crypto/encoding.ts';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { decodeCard, type LedgerCard } from './card.ts';
import { type Source, WrongAnswer } from './light/source.ts';
import type { PeersDeps } from './ports.ts';
import { type Asking, ConnectionLost, createAsking, PeerSaid } from './wire/asking.ts';
import { ledgerPort } from './wire/port.ts';
import { notLetIn, operatorLocked } from './wire/serving.ts';

export interface Timing {
  readonly dialMs: number;
  /** While something is asked and nothing at all comes. */
  readonly stallMs: number;
  /** After a connection could not be made, it is tried anew no sooner. */
  readonly againMs: number;
}
export const usualTiming: Timing = { dialMs: 12_000, stallMs: 30_000, againMs: 2_000 };

type Deps = Pick<PeersDeps, 'host' | 'streams'>;

/** The connection to a contact's ledger: made when something is asked, and anew after it was cut. */
export interface Connection extends Source {
  /** Of the ledger that answers there. */
  card(): Promise<LedgerCard>;
  close(): void;
}

/** @param name what the contact is called, for words */
export function createConnection(
  { host, streams }: Deps,
  contact: string,
  name: () => string,
  timing: Timing = usualTiming,
): Connection {
  const stopping = new AbortController();
  let open: Asking | null = null;
  let opening: Promise<Asking> | null = null;
  let failed: { readonly at: number; readonly error: Fail } | null = null;

  const dial = async (): Promise<Asking> => {
    const over = new AbortController();
    let late = false;
    const cancel = host.setTimer(timing.dialMs, () => {
      late = true;
      over.abort();
    });
    const stop = (): void => over.abort();
    stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      const { devices } = streams.contact(`@${contact}`);
      const { stream } = await streams.dial(devices, ledgerPort, over.signal);
      if (over.signal.aborted) {
        stream.destroy();
        throw fail('CANCELLED', 'The connection was given up.');
      }
      return createAsking(stream, host, timing.stallMs);
    } catch (error) {
      throw unreachable(name(), late ? 'nobody answered in time' : why(error));
    } finally {
      cancel();
      stopping.signal.removeEventListener('abort', stop);
    }
  };
  const get = (): Promise<Asking> => {
    if (open?.alive()) return Promise.resolve(open);
    if (failed !== null && host.now() - failed.at < timing.againMs) return Promise.reject(failed.error);
    opening ??= dial()
      .then(
        (made) => {
          open = made;
          failed = null;
          return made;
        },
        (error: unknown) => {
          if (isFail(error)) failed = { at: host.now(), error };
          throw error;
        },
      )
      .finally(() => {
        opening = null;
      });
    return opening;
  };
  const ask: Source['ask'] = async (method, params) => (await get()).ask(method, params);

  return {
    ask,
    askAll: async (method, params) => (await get()).askAll(method, params),
    async card() {
      const answer = await ask('hypha_ledger', []);
      const bytes = typeof answer === 'string' ? fromHex(answer.slice(2)) : null;
      const card = bytes === null ? null : decodeCard(bytes);
      if (card === null) throw new WrongAnswer('no card of its ledger');
      return card;
    },
    close() {
      stopping.abort();
      open?.end(new ConnectionLost('cut'));
    },
  };
}

/** What a failed question means to the person. A refusal of the ledger itself is left as it is. */
export function inWords(error: unknown, name: string): unknown {
  if (error instanceof WrongAnswer) return wrong(name, error.message);
  if (error instanceof ConnectionLost) {
    if (error.why === 'odd') return wrong(name, 'something that is no answer');
    return unreachable(name, error.why === 'late' ? 'nobody answered in time' : 'the connection was cut');
  }
  if (error instanceof PeerSaid && error.code === notLetIn) {
    return fail('CHAIN_UNREACHABLE', `${name} does not let you look at their ledger.`, {
      meaning: 'What you hold there is still yours.',
      next: `Ask ${name} to share their ledger with you.`,
    });
  }
  if (error instanceof PeerSaid && error.code === operatorLocked) {
    return unreachable(name, 'they locked their Hypha');
  }
  return error;
}

const why = (error: unknown): string => {
  if (isFail(error, 'MESH_OFF')) return 'your mesh node does not run';
  if (isFail(error, 'LOCKED')) return 'your Hypha is locked';
  if (isFail(error, 'NOT_FOUND')) return 'they are no contact of yours any more, or blocked';
  if (isFail(error, 'REFUSED')) return 'no ledger is open there';
  return 'their Hypha is not there';
};

export const unreachable = (name: string, reason: string): Fail =>
  fail('CHAIN_UNREACHABLE', `The ledger of ${name} cannot be reached: ${reason}.`, {
    meaning: 'What you hold there is unchanged.',
    next: 'Try again later.',
  });

const wrong = (name: string, what: string): Fail =>
  fail('CHAIN_WRONG', `The ledger of ${name} gave ${what}.`, {
    meaning: 'It does not fit what they signed, so it was not used.',
    next: `Try again; if it goes on, ask ${name} about it.`,
  });
