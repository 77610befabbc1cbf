import { createServer, get } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/*
 * A program on a computer whose kernel is on the mesh (a Mycelium daemon's): `end-process.ts serve` gives pages at port 80 and
 * repeats what it is told at port 7, on every address; `end-process.ts talk ADDRESS` talks to such a one, 20 times
 * a second, and prints how long each answer let it wait since the one before, in milliseconds.
 */
const [what, address] = process.argv.slice(2);
if (what === 'serve') {
  createServer((request, response) => response.end(`you asked for ${request.url}`)).listen(80, '::');
  createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(7, '::', () => process.stdout.write('ready\n'));
} else if (what === 'get') {
  get({ host: address, port: 80, path: '/page' }, (response) => response.pipe(process.stdout)).on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
} else {
  const socket = connect(7, address);
  let last = performance.now();
  setInterval(() => socket.write('.'), 50);
  socket.once('data', () => process.stdout.write('talking\n'));
  socket.on('data', () => {
    process.stdout.write(`${(performance.now() - last).toFixed(0)}\n`);
    last = performance.now();
  });
}
