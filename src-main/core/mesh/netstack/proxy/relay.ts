import { acceptCalls, type CallServer } from './accept-calls.ts';
import type { Caller, Dialer, Listener, Target } from './ports.ts';
import { splice } from './splice.ts';

export interface RelayOptions {
  readonly listener: Listener;
  readonly dialer: Dialer;
  /** Where every accepted connection is passed on to. */
  readonly target: Target;
  /** A connection could not be passed on; its caller is told by a broken connection. */
  readonly onFailure?: (error: unknown, caller: Caller) => void;
}

/**
 * Pass every accepted connection on to one target. With a loopback listener and a mesh dialer it brings a remote service to this
 * computer (forward); with a mesh listener and the loopback dialer it offers a service of ours to the mesh (expose).
 */
export function openRelay({ listener, dialer, target, onFailure }: RelayOptions): Promise<CallServer> {
  return acceptCalls(listener, async ({ stream, caller, abort, traffic }) => {
    const gone = (): void => abort.abort();
    stream.once('close', gone);
    try {
      const inside = await dialer.dial(target, abort.signal);
      stream.off('close', gone);
      await splice(stream, inside, traffic);
    } catch (error) {
      if (!abort.signal.aborted) onFailure?.(error, caller);
    }
  });
}
