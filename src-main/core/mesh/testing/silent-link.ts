import { connect, type Socket } from 'node:net';

/**
 * A connection to a node's port, or from one address of the loopback, on which nothing is said and whatever comes is thrown away.
 *
 * @returns once it stands or is refused: what the other side made of it is seen at the socket
 */
export async function silentLink(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => {});
  socket.resume();
  await new Promise((done) => {
    socket.once('connect', done);
    socket.once('close', done);
  });
  return socket;
}
