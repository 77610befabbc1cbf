import { setTimeout as pause } from 'node:timers/promises';
import { type Hex, keccak256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Accounts, Receipt } from '#core/evm/accounts.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Raw, TestChain } from './chains.ts';

export interface TestAccounts extends Accounts {
  readonly address: EvmAddress;
  locked: boolean;
  /** Called around each sending; what it throws is as if the program ended there. */
  probe: ((point: 'before' | 'after', key: string) => void) | null;
}

export async function receiptOf(ask: Raw, hash: Hash32, signal?: AbortSignal): Promise<Record<string, unknown>> {
  for (;;) {
    const receipt = (await ask('eth_getTransactionReceipt', [hash])) as Record<string, unknown> | null;
    if (receipt !== null) return receipt;
    await pause(5, undefined, signal === undefined ? {} : { signal });
  }
}

/** Somebody's account, for tests. @param outbox what was signed by key; it outlives a program that ends */
export async function accountOf(
  tests: readonly TestChain[],
  key: number,
  outbox = new Map<string, Hex>(),
): Promise<TestAccounts> {
  const account = privateKeyToAccount(`0x${key.toString(16).padStart(64, '0')}`);
  const address = account.address as EvmAddress;
  for (const { chain, ask } of tests)
    if (!chain.free) await ask('anvil_setBalance', [address, `0x${(10n ** 18n).toString(16)}`]);
  const chainOf = (ref: string) => {
    const found = tests.find(({ chain }) => chain.ref === ref)?.chain;
    if (found === undefined) throw new Error(`no chain ${ref}`);
    return found;
  };
  const self: TestAccounts = {
    ...{ address, locked: false, probe: null },
    list: () => (self.locked ? [] : [address]),
    main: () => (self.locked ? null : address),
    signTypedData: (_, { domain, types, primaryType, message }) =>
      account.signTypedData({ domain, types: { ...types }, primaryType, message }),
    async send({ chain: ref, from, to, data, value = 0n, key: name }) {
      const chain = chainOf(ref);
      self.probe?.('before', name);
      let raw = outbox.get(name);
      if (raw === undefined) {
        const call = { from, to, data, value: `0x${value.toString(16)}` };
        const gas = await chain
          .request('eth_estimateGas', [call])
          .catch((error: { data?: Record<string, unknown> }) => {
            throw fail('CALL_REFUSED', 'The contract refuses it.', { data: { ...error.data } });
          });
        const nonce = Number(await chain.request('eth_getTransactionCount', [from, 'latest']));
        const fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
        const fields = { type: 'eip1559', chainId: Number(chain.chainId), nonce, to, value, ...fees } as const;
        const limit = (BigInt(gas as string) * 12n) / 10n;
        raw = await account.signTransaction({ ...fields, gas: limit, ...(data ? { data } : {}) });
        outbox.set(name, raw);
      }
      const hash = keccak256(raw) as Hash32;
      // Sent again it may be in a block already.
      const known = await chain.request('eth_getTransactionByHash', [hash]);
      if (known === null) await chain.request('eth_sendRawTransaction', [raw]);
      self.probe?.('after', name);
      return hash;
    },
    nonce: async (ref, from) => Number(await chainOf(ref).request('eth_getTransactionCount', [from, 'latest'])),
    async settled(ref, hash, signal): Promise<Receipt> {
      const chain = chainOf(ref);
      const found = await receiptOf((method, params) => chain.request(method, params), hash, signal);
      const { status, blockNumber, logs } = found as { status: Hex; blockNumber: Hex; logs: Receipt['logs'] };
      return { hash, ok: status === '0x1', block: BigInt(blockNumber), at: 0, contract: null, logs };
    },
    onChange: () => () => {},
  };
  return self;
}
