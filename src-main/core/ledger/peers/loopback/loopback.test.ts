import { request as httpRequest } from 'node:http';
import { createPublicClient, http } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRpc } from '#shared/contract/ledger/rpc.ts';
import { createWorld, type Run, type Someone, type World } from '../testing/world.ts';

let world: World;
let ann: Someone;
let run: Run;
beforeEach(async () => {
  world = await createWorld();
  ann = await world.add('ann', { ledger: 1 });
  run = ann.run as Run;
});
afterEach(() => world.end());

const on = (input: object = {}) => ann.call<LedgerRpc>('ledger.rpcOn', { port: undefined, origins: [], ...input });
const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' });

/** As any program may send it, with whatever headers. */
function send(url: string, headers: Record<string, string>, body = question, method = 'POST') {
  return new Promise<{ status: number; text: string; allow: string | undefined }>((resolve, reject) => {
    const asked = httpRequest(
      url,
      { method, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text, allow: answer.headers['access-control-allow-origin'] });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('the RPC address of one’s own ledger', () => {
  it('is closed until the person opens it, and serves any program made for chains', async () => {
    expect(await ann.call('ledger.rpc', {})).toEqual({ on: false, url: null, origins: [], problem: null });
    const { url } = await on();
    const client = createPublicClient({ transport: http(url ?? '', { retryCount: 0 }) });
    expect(BigInt(await client.getChainId())).toBe(run.ledger.chainId);
    expect(await client.getBlockNumber()).toBe(5n);
    const batch = JSON.parse((await send(url ?? '', {}, `[${question},${question}]`)).text) as unknown[];
    expect(batch).toHaveLength(2);
    await ann.call('ledger.rpcOff', {});
    await expect(send(url ?? '', {})).rejects.toThrow();
  });

  it('is another one each time, and the same one after a restart', async () => {
    const first = await on();
    await ann.restart();
    expect(await ann.call('ledger.rpc', {})).toEqual(first);
    expect(await send(first.url ?? '', {})).toMatchObject({ status: 200 });
    const second = await on();
    const path = new URL(first.url ?? '').pathname;
    expect(await send(`${new URL(second.url ?? '').origin}${path}`, {})).toMatchObject({ status: 404 });
    expect(await send(second.url ?? '', {})).toMatchObject({ status: 200 });
  });

  it('is closed to pages of a browser but those that were named, and to other names for this computer', async () => {
    const { url } = await on({ origins: ['https://example.org'] });
    const to = url ?? '';
    expect(await send(to, { origin: 'https://example.org' })).toMatchObject({
      status: 200,
      allow: 'https://example.org',
    });
    expect(await send(to, { origin: 'https://example.org' }, '', 'OPTIONS')).toMatchObject({ status: 204 });
    expect(await send(to, { origin: 'https://evil.example' })).toMatchObject({ status: 403, allow: undefined });
    expect(await send(to, { origin: 'null' })).toMatchObject({ status: 403 });
    expect(await send(to, { host: `evil.example:${new URL(to).port}` })).toMatchObject({ status: 421 });
    expect(await send(`${new URL(to).origin}/`, {})).toMatchObject({ status: 404 });
    expect(await send(`${to}x`, {})).toMatchObject({ status: 404 });
    expect(await send(to, {}, '', 'GET')).toMatchObject({ status: 405 });
    // What a form of any page can send without asking.
    expect(await send(to, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await send(to, {}, `"${'x'.repeat(1 << 20)}"`)).toMatchObject({ status: 413 });
    expect(await send(to, {}, 'what')).toMatchObject({ status: 200, text: expect.stringContaining('-32700') });
  });

  it('says when its port is taken, and leaves what was open as it is', async () => {
    const { url } = await on();
    const ben = await world.add('ben', { ledger: 2 });
    const port = Number(new URL(url ?? '').port);
    await expect(ben.call('ledger.rpcOn', { port, origins: [] })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(await ben.call('ledger.rpc', {})).toMatchObject({ on: false, url: null });
    expect(await send(url ?? '', {})).toMatchObject({ status: 200 });
  });
});
