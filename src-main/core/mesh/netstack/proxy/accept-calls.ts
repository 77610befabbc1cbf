import type { Duplex } from 'node:stream';
import type { Caller, Listener } from './ports.ts';
import type { Traffic } from './splice.ts';

/** Something that passes connections on. */
export interface CallServer {
  readonly port: number;
  /** Connections open now, and bytes so far; `sent` is what callers sent. */
  readonly traffic: Readonly<Traffic> & { readonly connections: number };
  /** Break off what is open with callers of whom this holds. */
  end(of: (caller: Caller) => boolean): void;
  close(): Promise<void>;
}

/** One accepted connection. `abort` is used when the server closes. */
export interface Call {
  readonly stream: Duplex;
  readonly caller: Caller;
  readonly abort: AbortController;
  readonly traffic: Traffic;
}

/** Serve every accepted connection; when `serve` is through with one, or fails, it is gone. */
export async function acceptCalls(listener: Listener, serve: (call: Call) => Promise<void>): Promise<CallServer> {
  const traffic: Traffic = { sent: 0, received: 0 };
  const calls = new Set<Call>();
  const listening = await listener.listen((stream, caller) => {
    const call: Call = { stream, caller, abort: new AbortController(), traffic };
    calls.add(call);
    stream.on('error', () => {});
    serve(call)
      .catch(() => {})
      .finally(() => {
        calls.delete(call);
        stream.destroy();
      });
  });
  return {
    port: listening.port,
    get traffic() {
      return { ...traffic, connections: calls.size };
    },
    end(of) {
      for (const { caller, abort, stream } of calls) {
        if (!of(caller)) continue;
        abort.abort();
        stream.destroy();
      }
    },
    async close() {
      for (const { abort } of calls) abort.abort();
      await listening.close();
    },
  };
}
