import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { cancelled } from '../errors.ts';
import type { Dialer } from './ports.ts';

/**
 * For `http.request` and whatever takes an agent: connections go through the dialer, and so across the mesh, instead of through
 * this computer's own network. Each request has a connection of its own; `signal` ends those that are being opened.
 */
export function createHttpAgent(dialer: Dialer, signal: AbortSignal): Agent {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void) => {
    // A host in brackets is an address as URLs write it.
    const host = String(options.host ?? '').replace(/^\[(.*)\]$/, '$1');
    dialer.dial({ host, port: Number(options.port ?? 80) }, signal).then(
      (stream) => {
        if (signal.aborted) stream.destroy(cancelled());
        done?.(null, stream);
      },
      // Node's type asks for a stream beside an error too; it is not looked at then.
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  return agent;
}
