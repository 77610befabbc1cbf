import { type AgentContract, agentContract, contractVersion } from '#shared/contract/agent.ts';
import { portMessageKind, type ShellBridge } from '#shared/contract/hand-over.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Connection, connect } from '#shared/rpc/peer.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { webSocketTransport } from '#shared/rpc/transports/web-socket.ts';

export type AgentConnection = Connection<AgentContract>;
/** Makes one connection; called again for each attempt. */
export type Open = (signal: AbortSignal) => Promise<AgentConnection>;

function greet(transport: Transport, signal: AbortSignal, token?: string): Promise<AgentConnection> {
  return connect(transport, {
    contract: agentContract,
    version: contractVersion,
    role: { face: 'ui', person: true, name: 'Hypha window' },
    signal,
    ...(token ? { token } : {}),
  });
}

/** From the daemon: the same origin's `/agent`, with the tab's session. */
export function openWebSocket(session: () => Promise<string | null>): Open {
  return async (signal) => {
    const token = await session();
    if (token === null) {
      throw fail('UNAUTHENTICATED', 'This page has no right to your agent yet.', {
        meaning: 'Nothing is wrong with your data.',
        next: 'Start Hypha again, or run `hypha open`: both print an address that lets this browser in.',
      });
    }
    const url = new URL('/agent', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return greet(webSocketTransport(new WebSocket(url)), signal, token);
  };
}

/** In Electron: a port asked of the preload. A new one is asked for at each attempt, for the core may have been restarted. */
export function openPort(shell: ShellBridge): Open {
  return async (signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<MessagePort>();
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports;
      if (event.source === window && event.data === portMessageKind && port) resolve(port);
    };
    const onAbort = () => reject(fail('CANCELLED', 'It was cancelled.'));
    window.addEventListener('message', onMessage);
    signal.addEventListener('abort', onAbort);
    try {
      shell.requestPort();
      return await greet(messagePortTransport(await promise), signal);
    } finally {
      window.removeEventListener('message', onMessage);
      signal.removeEventListener('abort', onAbort);
    }
  };
}
