import { useCallback, useEffect, useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { toFailure } from '../../../lib/failure.ts';
import { inputOf, type PreviewFrom } from './preview-from.ts';

export interface Ticket {
  readonly url: string | null;
  readonly failure: Failure | null;
  /** The address has run out: get another. */
  renew(): void;
}

/** A short-lived address to show a file under. Asked for once, and again only when it has run out. */
export function useTicket(item: ItemId, { snapshot, share }: PreviewFrom): Ticket {
  const { link } = useAgent();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ item: ItemId; url: string | null; failure: Failure | null } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round asks again
  useEffect(() => {
    const abort = new AbortController();
    const get = async () => {
      const { url } = await link
        .connection()
        .client['vault.ticket'](
          { item, ...inputOf({ snapshot, share }), disposition: 'inline' },
          { signal: abort.signal },
        );
      setState({ item, url, failure: null });
    };
    get().catch((error: unknown) => {
      if (!abort.signal.aborted) setState({ item, url: null, failure: toFailure(error) });
    });
    return () => abort.abort();
  }, [link, item, snapshot, share, round]);
  const current = state?.item === item ? state : null;
  const renew = useCallback(() => setRound((n) => Math.min(n + 1, 3)), []);
  return { url: current?.url ?? null, failure: current?.failure ?? null, renew };
}
