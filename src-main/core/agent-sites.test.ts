import { request as httpRequest } from 'node:http';
import {
  type Abi,
  createWalletClient,
  custom,
  defineChain,
  encodeFunctionData,
  type Hex,
  recoverMessageAddress,
  recoverTypedDataAddress,
} from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsentRequest } from '#shared/contract/activity.ts';
import type { OwnLedger } from '#shared/contract/ledger/own.ts';
import type { Approval, Review } from '#shared/contract/wallet/review.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import type { Contracts } from './evm/chain.ts';
import { credits } from './evm/contracts/credits.generated.ts';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';

const site = 'https://app.example';
const ben: Hex = `0x${'be'.repeat(20)}`;
let ann: MeshAgent;
let own: { chain: ChainRef; operator: EvmAddress; contracts: Contracts };
let url: string;

beforeEach(async () => {
  ann = await startMeshAgent('Ann', 1);
  const { chain, operator, contracts } = await ann.task<OwnLedger>('ledger.open', { symbol: 'annc' });
  if (chain === null || contracts === null) throw new Error('the ledger has no contracts');
  own = { chain, operator: operator as EvmAddress, contracts: contracts as Contracts };
  await ann.call('ledger.issue', { amount: '100', memo: 'To begin with' });
  ({ url } = await ann.call<{ url: string }>('wallet.sitesOn'));
});
afterEach(() => ann.end());

interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

function post(text: string, headers: Record<string, string>, method = 'POST'): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
    });
    asked.on('error', reject);
    asked.end(method === 'POST' ? text : undefined);
  });
}

async function rpc(method: string, params: unknown = [], origin = site): Promise<unknown> {
  const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const { body } = await post(question, { origin, 'content-type': 'application/json' });
  const { result, error } = JSON.parse(body) as { result?: unknown; error?: { code: number; message: string } };
  if (error !== undefined) throw Object.assign(new Error(error.message), error);
  return result;
}

async function question(): Promise<ConsentRequest> {
  for (;;) {
    const [first] = (await ann.call<{ requests: ConsentRequest[] }>('consent.pending')).requests;
    if (first !== undefined) return first;
    // Room for the thread that tries the call, which this would keep from starting.
    await new Promise<void>((resolve) => setTimeout(resolve, 10));
  }
}

/** Wait for the question to the person and answer it. */
async function answer(allow: boolean): Promise<ConsentRequest> {
  const first = await question();
  await ann.call('consent.answer', { request: first.id, allow });
  return first;
}

async function allowed<T>(work: Promise<T>): Promise<{ result: T; question: ConsentRequest }> {
  const [result, asked] = await Promise.all([work, answer(true)]);
  return { result, question: asked };
}

/** A library that pages use, and nothing of ours on its side. */
function page() {
  const chain = defineChain({
    id: Number(own.chain.slice(7)),
    name: 'own',
    nativeCurrency: { name: 'none', symbol: 'NONE', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const transport = custom({ request: ({ method, params }) => rpc(method, params ?? []) }, { retryCount: 0 });
  return createWalletClient({ chain, transport });
}

const transfer = (to: Hex, amount: bigint) =>
  encodeFunctionData({ abi: credits.abi as Abi, functionName: 'transfer', args: [to, amount] });

describe('a web page', () => {
  it('sees an account when the person lets it, sends what the person allows, and says it by what it does', async () => {
    expect(await rpc('eth_accounts')).toEqual([]);
    await expect(rpc('eth_blockNumber')).rejects.toMatchObject({ code: 4100 });
    const client = page();
    const connect = await allowed(client.requestAddresses());
    expect(connect.question).toMatchObject({ method: 'wallet.siteConnect', caller: { face: 'site', name: site } });
    const [account] = connect.result;
    expect(account).toBe(own.operator);
    expect(await client.getChainId()).toBe(Number(own.chain.slice(7)));

    const token = own.contracts.credits as Hex;
    const sent = await allowed(
      client.sendTransaction({ account, to: token, data: transfer(ben, 12_500_000n), gas: 100_000n } as never),
    );
    expect(sent.question.summary).toContain(`Send credits: 12.5 ANNC, to 0x`);
    expect(sent.question.summary).toContain(site);
    const words = sent.question.arguments.map(({ value }) => value).join('\n');
    expect(words).toContain('Your account: -12.5 ANNC');
    expect(words).toContain('You never sent anything to this address.');
    const receipt = (await rpc('eth_getTransactionReceipt', [sent.result])) as { status: Hex };
    expect(receipt.status).toBe('0x1');
    expect((await ann.call<{ sites: object[] }>('wallet.sites')).sites).toMatchObject([{ site, account }]);
  });

  it('gets signatures that hold, each after a question that shows what is signed', async () => {
    const client = page();
    const { result } = await allowed(client.requestAddresses());
    const account = result[0] as Hex;
    const text = 'Hello\nI am Ann';
    const signed = await allowed(client.signMessage({ account, message: text }));
    expect(signed.question.arguments.map(({ value }) => value)).toContain(text);
    expect(await recoverMessageAddress({ message: text, signature: signed.result })).toBe(account);
    const login = 'https://other.example wants you to sign in with your Ethereum account:\n0x';
    const phished = await allowed(client.signMessage({ account, message: login }));
    expect(phished.question.summary).toContain('Danger: this logs somebody in at other.example');

    const typed = {
      domain: { name: 'Shop', chainId: Number(own.chain.slice(7)) },
      types: { Order: [{ name: 'what', type: 'string' }] },
      primaryType: 'Order' as const,
      message: { what: 'tea' },
    };
    const order = await allowed(client.signTypedData({ account, ...typed }));
    expect(order.question.summary).toContain('Sign “Order” for Shop, whose meaning is not known');
    expect(await recoverTypedDataAddress({ ...typed, signature: order.result })).toBe(account);
    const elsewhere = client.signTypedData({ account, ...typed, domain: { name: 'Shop', chainId: 1 } });
    await expect(elsewhere).rejects.toThrow(/another chain/);
  });

  it('gets nothing that was refused, and does not ask again at once', async () => {
    const refused = rpc('eth_requestAccounts').catch((error: unknown) => error);
    await answer(false);
    expect(await refused).toMatchObject({ code: 4001 });
    await expect(rpc('eth_requestAccounts')).rejects.toMatchObject({ code: 4001 });
    // Another page is not held by it; while its question waits it cannot put a second one.
    const other = rpc('eth_requestAccounts', [], 'https://other.example').catch((error: unknown) => error);
    await question();
    const second = rpc('eth_requestAccounts', [], 'https://other.example');
    await expect(second).rejects.toMatchObject({ code: -32_002 });
    await answer(true);
    expect(await other).toEqual([own.operator.toLowerCase()]);
    expect(await rpc('eth_accounts')).toEqual([]);
  });

  it('cannot use the account of another page, and is out when the person disconnects it', async () => {
    await allowed(rpc('eth_requestAccounts'));
    const message = ['0x00', own.operator];
    await expect(rpc('personal_sign', message, 'https://evil.example')).rejects.toMatchObject({ code: 4100 });
    await expect(rpc('personal_sign', ['0x00', ben])).rejects.toMatchObject({ code: 4100 });
    await expect(rpc('wallet_switchEthereumChain', [{ chainId: '0x1' }])).rejects.toMatchObject({ code: 4902 });
    for (const method of ['eth_sign', 'eth_sendRawTransaction', 'constructor', 'wallet_addEthereumChain'])
      await expect(rpc(method, [])).rejects.toMatchObject({ code: 4200 });
    await ann.call('wallet.forgetSite', { site });
    await expect(rpc('personal_sign', message)).rejects.toMatchObject({ code: 4100 });
  });

  it('is turned away at the door when it is none, comes by another name, or sends what is none', async () => {
    const json = { 'content-type': 'application/json' };
    const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_accounts', params: [] });
    expect((await post(question, json)).status).toBe(403);
    expect((await post(question, { ...json, origin: 'null' })).status).toBe(403);
    expect((await post(question, { ...json, origin: site, host: 'evil.example' })).status).toBe(421);
    expect((await post(question, { origin: site, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('', { origin: site }, 'GET')).status).toBe(405);
    expect((await post('x'.repeat(600_000), { ...json, origin: site })).status).toBe(413);
    for (const text of ['', '[]', '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":{},"method":"eth_accounts"}'])
      expect(JSON.parse((await post(text, { ...json, origin: site })).body).error.code).toBe(-32_600);
    const before = await post('', { origin: site }, 'OPTIONS');
    expect([before.status, before.headers['access-control-allow-origin']]).toEqual([204, site]);
    await ann.call('wallet.sitesOff');
    await expect(post(question, { ...json, origin: site })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('finds the wallet where it was after a restart', async () => {
    await allowed(rpc('eth_requestAccounts'));
    await ann.restart();
    expect(await ann.call('wallet.sites')).toMatchObject({ on: true, url });
    expect(await rpc('eth_accounts')).toEqual([own.operator.toLowerCase()]);
  });
});

describe('the person', () => {
  it('looks at a call, allows somebody something, finds it and takes it back', async () => {
    const { chain, operator } = own;
    const token = own.contracts.credits;
    const data = encodeFunctionData({
      abi: credits.abi as Abi,
      functionName: 'approve',
      args: [own.contracts.deals, 5_000_000n],
    });
    const review = await ann.call<Review>('wallet.review', { chain, from: operator, to: token, data });
    expect(review).toMatchObject({ readBy: 'descriptor', warnings: [], outcome: { state: 'works', rests: 'own' } });
    await allowed(rpc('eth_requestAccounts'));
    await allowed(rpc('eth_sendTransaction', [{ from: operator, to: token, data }]));
    const list = async () => (await ann.call<{ approvals: Approval[] }>('wallet.approvals', { chain })).approvals;
    expect(await list()).toMatchObject([{ spender: { address: own.contracts.deals }, amount: '5000000' }]);
    await ann.call('wallet.revoke', { chain, kind: 'amount', token, spender: own.contracts.deals });
    expect(await list()).toEqual([]);
  });
});
