import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * The rival of the app's start: the least that a Node process can serve and a browser can paint. Started as a program of
 * its own, as the daemon is: prints {"url"} when it listens, and ends with its parent.
 */
const page =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Empty</title><link rel="icon" href="data:,"><p>Empty</p></html>';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/` })}\n`);
});
