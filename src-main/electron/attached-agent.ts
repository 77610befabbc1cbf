import { connect as connectSocket } from 'node:net';
import type { MessagePortMain } from 'electron';
import { byteStreamTransport } from '#shared/rpc/transports/byte-stream.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { connectLocal, type LocalConnection } from '../local/local-client.ts';
import { readPointer } from '../local/pointer.ts';
import type { AgentLink, CoreState } from './agent-link.ts';
import { relay } from './relay.ts';

const role = { face: 'shell', person: false, name: 'Hypha app' } as const;

/** Use the agent that already runs on this data directory (a daemon started before the app), or null. */
export async function attachToAgent(
  home: string,
  onState: (state: CoreState, detail: string) => void,
): Promise<AgentLink | null> {
  const first = await connectLocal(home, role).catch(() => null);
  if (first === null) return null;
  let own: LocalConnection | null = null;
  const adopt = (connection: LocalConnection): LocalConnection => {
    own = connection;
    connection.onClose((why) => {
      own = null;
      if (why !== null)
        onState(
          'restarting',
          'The agent this window was attached to has ended. Start it again, or quit and open Hypha.',
        );
    });
    return connection;
  };
  adopt(first.connection);
  return {
    kind: 'attached',
    connectWindow(port: MessagePortMain) {
      const window = messagePortTransport(port);
      void readPointer(home).then((pointer) => {
        if (pointer === null) return window.close();
        const socket = connectSocket(pointer.socket);
        socket.once('error', () => window.close());
        socket.once('connect', () => relay(window, byteStreamTransport(socket)));
      });
    },
    async connection() {
      return own ?? adopt((await connectLocal(home, role)).connection);
    },
    async stop() {
      own?.close();
    },
  };
}
