import type { Caller, Dialer, Listener, Target } from './ports.ts';
import { splice, type Traffic } from './splice.ts';

export interface RelayOptions {
  readonly listener: Listener;
  readonly dialer: Dialer;
  /** Where every accepted connection is passed on to. */
  readonly target: Target;
  /** A connection could not be passed on; its caller is told by a broken connection. */
  readonly onFailure?: (error: unknown, caller: Caller) => void;
}

export interface Relay {
  readonly port: number;
  /** Connections open now, and bytes so far; `sent` is what callers sent. */
  readonly traffic: Readonly<Traffic> & { readonly connections: number };
  close(): Promise<void>;
}

/**
 * Pass every accepted connection on to one target. With a loopback listener and a mesh dialer it brings a remote service to this
 * computer (forward); with a mesh listener and the loopback dialer it offers a service of ours to the mesh (expose).
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { dialer, target } = options;
  const traffic: Traffic = { sent: 0, received: 0 };
  const calls = new Set<AbortController>();
  const listening = await options.listener.listen((outside, caller) => {
    const call = new AbortController();
    calls.add(call);
    const gone = (): void => call.abort();
    outside.on('error', () => {});
    outside.once('close', gone);
    dialer
      .dial(target, call.signal)
      .then(async (inside) => {
        outside.off('close', gone);
        await splice(outside, inside, traffic);
      })
      .catch((error: unknown) => {
        outside.destroy();
        if (!call.signal.aborted) options.onFailure?.(error, caller);
      })
      .finally(() => calls.delete(call));
  });
  return {
    port: listening.port,
    get traffic() {
      return { ...traffic, connections: calls.size };
    },
    async close() {
      for (const call of calls) call.abort();
      await listening.close();
    },
  };
}
