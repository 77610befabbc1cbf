import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Fail } from '#shared/rpc/fail.ts';
import { defaultLimits } from '#shared/rpc/frames.ts';
import type { Served } from '#shared/rpc/peer.ts';
import { webSocketTransport } from '#shared/rpc/transports/web-socket.ts';
import type { Connections, Decide } from '../local/connections.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';

/**
 * The contract over WebSocket at `/agent`, for pages of the served origin. The session comes in the first frame and not
 * as a subprotocol: a browser does not show a page why an upgrade was refused, and "open a new link" needs saying.
 */
export function attachWebSocket(options: {
  server: Server;
  connections: Connections;
  decide: Decide;
  port(): number;
}): { close(): void; drop(ended: (token: string) => boolean, why: Fail): void } {
  const { server, connections, decide, port } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    path: '/agent',
    maxPayload: defaultLimits.frame,
    // Frames are small or already compressed; deflate would cost memory a connection.
    perMessageDeflate: false,
  });
  const open = new Map<Served, () => string>();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    if (!isOwnHost(host, port())) return refuse(socket, '421 Misdirected Request');
    if (!isOwnOrigin(origin, host, port())) return refuse(socket, '403 Forbidden');
    if (!sockets.shouldHandle(request)) return refuse(socket, '404 Not Found');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      let token = '';
      const served = connections.add(webSocketTransport(webSocket), (hello) => {
        token = hello.token ?? '';
        return decide(hello);
      });
      if (!served) return;
      const tokenOf = () => token;
      open.set(served, tokenOf);
      void served.closed.then(() => open.delete(served));
    });
  };
  server.on('upgrade', upgrade);
  return {
    /** Disconnect the pages whose session `ended` says is no longer good. */
    drop(ended, why) {
      for (const [served, tokenOf] of open) if (tokenOf() !== '' && ended(tokenOf())) served.close(why);
    },
    close() {
      server.off('upgrade', upgrade);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
