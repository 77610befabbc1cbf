import { connect as connectSocket } from 'node:net';
import type { MessagePortMain } from 'electron';
import { fail } from '#shared/rpc/fail.ts';
import { byteStreamTransport } from '#shared/rpc/transports/byte-stream.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { connectLocal } from '../local/local-client.ts';
import type { AgentLink } from './agent-link.ts';
import { isNobody } from './find-agent.ts';
import { relay } from './relay.ts';

const role = { face: 'shell', person: false, name: 'Hypha app' } as const;

/**
 * Use the agent that already runs on this data directory (a daemon started before the app); null where none answers.
 *
 * @param onEnded called once when it has ended, or the connection to it; not after `stop`
 * @throws Fail VERSION_MISMATCH when it is of another version, and others as it says.
 */
export async function attachToAgent(home: string, onEnded: () => void): Promise<AgentLink | null> {
  const found = await connectLocal(home, role).catch((error: unknown) => {
    if (isNobody(error)) return null;
    throw error;
  });
  if (found === null) return null;
  const { connection, pointer } = found;
  connection.onClose((why) => {
    if (why !== null) onEnded();
  });
  return {
    kind: 'attached',
    connectWindow(port: MessagePortMain) {
      const window = messagePortTransport(port);
      const socket = connectSocket(pointer.socket);
      socket.once('error', () => window.close());
      socket.once('connect', () => relay(window, byteStreamTransport(socket)));
    },
    async connection() {
      if (!connection.open) throw fail('DISCONNECTED', 'The agent has ended.');
      return connection;
    },
    async stop() {
      connection.close();
    },
  };
}
