import type { Chain, Contracts } from '#core/evm/chain.ts';
import { chainRef, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';

/** What answers JSON-RPC: the text of a question in, the text of its answer out. */
export type AnswersText = (text: string) => Promise<string | null>;

/** A chain for tests over whatever answers JSON-RPC. */
export async function chainOver(
  answer: AnswersText,
  more: { readonly kind: Chain['kind']; readonly name: string; readonly contracts?: Contracts | null },
): Promise<Chain> {
  const request: Chain['request'] = async (method, params = []) => {
    const said = JSON.parse((await answer(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) ?? 'null') as {
      result?: unknown;
      error?: { code: number; message: string; data?: unknown };
    };
    if (said.error !== undefined) throw fail('CHAIN_SAID', said.error.message, { data: { ...said.error } });
    return said.result;
  };
  const chainId = BigInt((await request('eth_chainId')) as string);
  const first = (await request('eth_getBlockByNumber', ['0x0', false])) as { hash: Hash32 };
  return {
    ref: chainRef(chainId),
    chainId,
    genesis: first.hash,
    kind: more.kind,
    name: more.name,
    contact: null,
    confirmations: 0,
    free: more.kind !== 'public',
    contracts: more.contracts ?? null,
    coin: more.kind === 'public' ? { symbol: 'ETH', decimals: 18 } : null,
    request,
  };
}

/** The same over HTTP. */
export const overHttp =
  (url: string): AnswersText =>
  async (body) =>
    (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
