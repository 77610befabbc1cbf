import type { Caller } from '#core/broker/handlers.ts';
import type { Host } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { type AskPerson, ProviderError } from './answers.ts';

/** As other wallets answer a page that asks while its last question still waits. */
const pending = -32_002;
/** Whom the person refused is not heard for so long: a page must not ask until somebody gives in. */
const quietMs = 60_000;
const mostRefused = 200;

/**
 * Asks the person for one site at a time, by the broker.
 *
 * @param invoke the broker; the caller is gone when it is done
 */
export function createAsking(
  host: Pick<Host, 'now'>,
  invoke: (caller: Caller, method: string, input: unknown, signal: AbortSignal) => Promise<unknown>,
): AskPerson {
  const waiting = new Set<string>();
  const refused = new Map<string, number>();
  let count = 0;
  return async (site, method, input, signal) => {
    if (waiting.has(site)) throw new ProviderError(pending, 'A request of this page already waits for an answer.');
    const since = host.now() - (refused.get(site) ?? Number.NEGATIVE_INFINITY);
    if (since >= 0 && since < quietMs) throw new ProviderError(4001, 'The person refused this a moment ago.');
    waiting.add(site);
    count += 1;
    try {
      return await invoke(
        { connection: `site-${count}`, face: 'site', name: site, person: false },
        method,
        input,
        signal,
      );
    } catch (error) {
      if (isFail(error, 'CONSENT_DENIED')) {
        refused.delete(site);
        refused.set(site, host.now());
        const [oldest] = refused.keys();
        if (refused.size > mostRefused && oldest !== undefined) refused.delete(oldest);
      }
      throw error;
    } finally {
      waiting.delete(site);
    }
  };
}
