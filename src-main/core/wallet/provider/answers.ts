import { isHex, stringToHex } from 'viem';
import { z } from 'zod';
import type { Chain, Chains } from '#core/evm/chain.ts';
import type { ConnectedSite } from '#shared/contract/wallet/sites.ts';
import { chainRef, evmAddressSchema, units } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';

/** What a page is refused with: https://eips.ethereum.org/EIPS/eip-1193, EIP-1474, EIP-3326. */
export class ProviderError extends Error {
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
const rejected = 4001;
const unauthorized = 4100;
const unsupported = 4200;
const disconnected = 4900;
const unknownChain = 4902;
const invalidParams = -32_602;

/** Passed on to the chain of the site: they read, and nothing else. */
const reads = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_estimateGas',
  'eth_feeHistory',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByHash',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getStorageAt',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'net_version',
]);

const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text));
const sendSchema = z.tuple([
  z.object({
    from: evmAddressSchema.optional(),
    to: evmAddressSchema.nullish(),
    data: z.string().optional(),
    input: z.string().optional(),
    value: quantity.optional(),
    chainId: quantity.optional(),
  }),
]);
const twoTexts = z.tuple([z.string(), z.string()]).rest(z.unknown());
const switchSchema = z.tuple([z.object({ chainId: quantity })]);

/** Asks the person by the broker, in the name of a site. */
export type AskPerson = (site: string, method: string, input: unknown, signal: AbortSignal) => Promise<unknown>;

export interface AnswerParts {
  readonly chains: Chains;
  readonly main: () => string | null;
  readonly connected: (site: string) => ConnectedSite | null;
  readonly ask: AskPerson;
}

/** What a page gets for a method of EIP-1193. Nothing that signs or shares happens here: the broker asks the person for each. */
export function createAnswers({ chains, main, connected, ask }: AnswerParts) {
  const chainOf = ({ chain }: ConnectedSite): Chain => {
    const found = chains.find(chain);
    if (found === null) throw new ProviderError(disconnected, 'The chain is not there any more.');
    return found;
  };
  const mine = (site: string): ConnectedSite => {
    const found = connected(site);
    if (found === null) throw new ProviderError(unauthorized, 'Ask by eth_requestAccounts first.');
    return found;
  };
  const parsed = <T>(schema: z.ZodType<T>, params: unknown): T => {
    const found = schema.safeParse(params);
    if (!found.success) throw new ProviderError(invalidParams, 'Invalid params.');
    return found.data;
  };
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const ours = (one: ConnectedSite, account: string | undefined): void => {
    if (account !== undefined && !same(account, one.account))
      throw new ProviderError(unauthorized, 'This account was not shared with you.');
  };
  const inHex = (chainId: bigint) => `0x${chainId.toString(16)}`;

  const methods: Record<string, (site: string, params: unknown, signal: AbortSignal) => unknown> = {
    eth_accounts: (site) => {
      const one = connected(site);
      return one === null ? [] : [one.account.toLowerCase()];
    },
    async eth_requestAccounts(site, _, signal) {
      const known = connected(site);
      if (known !== null) return [known.account.toLowerCase()];
      const [account, chain] = [main(), chains.list()[0]];
      if (account === null || chain === undefined)
        throw new ProviderError(disconnected, 'The wallet is locked, or has no chain.');
      const made = (await ask(
        site,
        'wallet.siteConnect',
        { site, account, chain: chain.ref },
        signal,
      )) as ConnectedSite;
      return [made.account.toLowerCase()];
    },
    eth_chainId: (site) => inHex(chainOf(mine(site)).chainId),
    async wallet_switchEthereumChain(site, params, signal) {
      const one = mine(site);
      const [{ chainId }] = parsed(switchSchema, params);
      const chain = chains.find(chainRef(chainId));
      if (chain === null) throw new ProviderError(unknownChain, 'This chain is not among those of the wallet.');
      if (chain.ref !== one.chain) await ask(site, 'wallet.siteSwitch', { site, chain: chain.ref }, signal);
      return null;
    },
    async eth_sendTransaction(site, params, signal) {
      const one = mine(site);
      const [{ from, to, data, input, value = 0n, chainId }] = parsed(sendSchema, params);
      ours(one, from);
      if (data !== undefined && input !== undefined && !same(data, input))
        throw new ProviderError(invalidParams, 'data and input differ.');
      if (chainId !== undefined && chainRef(chainId) !== one.chain)
        throw new ProviderError(invalidParams, 'This is for another chain. Ask to switch first.');
      const call = {
        ...{ site, chain: one.chain, from: one.account, value: units(value), data: input ?? data ?? '0x' },
        ...(to === undefined || to === null ? {} : { to }),
      };
      return ((await ask(site, 'wallet.siteSend', call, signal)) as { hash: string }).hash;
    },
    async personal_sign(site, params, signal) {
      const one = mine(site);
      const [first, second] = parsed(twoTexts, params);
      // Some libraries give the account first.
      const [message, account] = same(first, one.account) ? [second, first] : [first, second];
      ours(one, account);
      const bytes = isHex(message) && message.length % 2 === 0 ? message : stringToHex(message);
      const input = { site, account: one.account, message: bytes };
      return ((await ask(site, 'wallet.siteSign', input, signal)) as { signature: string }).signature;
    },
    async eth_signTypedData_v4(site, params, signal) {
      const one = mine(site);
      const [account, given] = parsed(z.tuple([z.string(), z.unknown()]).rest(z.unknown()), params);
      ours(one, account);
      const typed = typeof given === 'string' ? given : JSON.stringify(given);
      const input = { site, chain: one.chain, account: one.account, typed };
      return ((await ask(site, 'wallet.siteSignTyped', input, signal)) as { signature: string }).signature;
    },
  };

  return async (site: string, method: string, params: unknown, signal: AbortSignal): Promise<unknown> => {
    try {
      if (Object.hasOwn(methods, method)) return await methods[method]?.(site, params, signal);
      if (!reads.has(method)) throw new ProviderError(unsupported, `${method.slice(0, 64)} is not done here.`);
      const list = params === undefined ? [] : parsed(z.array(z.unknown()).max(8), params);
      return await chainOf(mine(site)).request(method, list, { signal });
    } catch (error) {
      throw asProviderError(error);
    }
  };
}

function asProviderError(error: unknown): unknown {
  if (!isFail(error)) return error;
  if (error.code === 'CONSENT_DENIED' || error.code === 'CONSENT_EXPIRED' || error.code === 'CANCELLED')
    return new ProviderError(rejected, error.message);
  if (error.code === 'CONSENT_NEEDED' || error.code === 'LOCKED')
    return new ProviderError(unauthorized, 'Nobody is there to allow it.');
  if (error.code === 'CHAIN_SAID') {
    const { code, message, data } = (error.data ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
    return new ProviderError(typeof code === 'number' ? code : -32_000, String(message ?? error.message), data);
  }
  return new ProviderError(error.code === 'BAD_INPUT' ? invalidParams : -32_000, error.message);
}
