import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server makes of an answer: another one, `'cut'` for none at all, text for something that is not JSON-RPC. */
export type Alter = (method: string, params: readonly unknown[], result: unknown) => unknown;

export interface RpcProxy {
  readonly url: string;
  /** How it answers from now on. */
  alter: Alter;
  /** Methods that it was asked, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export class Raw {
  readonly text: string;
  readonly status: number;
  constructor(text: string, status = 200) {
    this.text = text;
    this.status = status;
  }
}

export const honest: Alter = (_method, _params, result) => result;

/** An RPC server on loopback that passes on what another answers, or something else. */
export async function startRpcProxy(
  upstream: (method: string, params: readonly unknown[]) => Promise<unknown>,
): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const { id, method, params } = JSON.parse(Buffer.concat(parts).toString());
      proxy.asked.push(method);
      let body: Record<string, unknown>;
      try {
        const result = proxy.alter(method, params, await upstream(method, params));
        if (result === 'cut') return void request.socket.destroy();
        if (result instanceof Raw) return void response.writeHead(result.status).end(result.text);
        body = { result };
      } catch (error) {
        body = { error: { code: -32_000, message: (error as Error).message } };
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alter: honest,
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
