import { toHex } from '#core/crypto/encoding.ts';
import { cookieLife } from './cookies.ts';

/**
 * The inits of one peer that were answered, by their nonce: each buys one answer. The same init again (ours was lost, or
 * somebody plays it back) gets the same bytes again while they may still be of use, and makes nothing new. An entry may go
 * when its cookie is worthless, so the table needs no clock that agrees with the peer's.
 */
export interface Answers {
  /** @returns the response to send once more; 'spent' when there is none to send; null when the init is new */
  again(nonce: Uint8Array): Uint8Array | 'spent' | null;
  /** @returns false when there is no room: whoever gets here is rationed, so that is an attack by the peer itself */
  add(now: number, nonce: Uint8Array, response: Uint8Array): boolean;
  /** Responses are of no use any more: the session is in use, or given up. */
  settle(): void;
}

const most = 64;
/** How often a response is sent again: the initiator asks that often at most, and replays shall not. */
const resends = 4;

export function createAnswers(): Answers {
  const spent = new Map<string, { readonly until: number; response: Uint8Array | null; left: number }>();
  return {
    again(nonce) {
      const entry = spent.get(toHex(nonce));
      if (entry === undefined) return null;
      if (entry.response === null || entry.left === 0) return 'spent';
      entry.left--;
      return entry.response;
    },
    add(now, nonce, response) {
      for (const [name, entry] of spent) {
        if (entry.until <= now) spent.delete(name);
        else entry.response = null;
      }
      if (spent.size >= most) return false;
      spent.set(toHex(nonce), { until: now + cookieLife, response, left: resends });
      return true;
    },
    settle() {
      for (const entry of spent.values()) entry.response = null;
    },
  };
}
