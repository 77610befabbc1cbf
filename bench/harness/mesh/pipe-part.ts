import { type AddressInfo, createServer, type Socket } from 'node:net';
import { servePart, usage } from './part.ts';

/* The rival of a relay: two connections, each piped into the other, nothing looked at. */

let first: Socket | null = null;
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  if (first === null) {
    first = socket;
    return;
  }
  first.pipe(socket);
  socket.pipe(first);
  first = null;
});

const methods = {
  async listen(): Promise<number> {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  },
  usage,
};

export type PipePart = typeof methods;
servePart(methods);
