import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';

interface Mined {
  readonly transactionHash: Hash32;
  readonly contractAddress: EvmAddress | null;
}

/** Hand a signed transaction to a chain that makes a block for each, and wait for its receipt, which comes a little after the answer. */
export async function mined(
  ask: (method: string, params: readonly unknown[]) => Promise<unknown>,
  raw: Uint8Array,
): Promise<Mined> {
  const hash = await ask('eth_sendRawTransaction', [`0x${Buffer.from(raw).toString('hex')}`]);
  for (;;) {
    const receipt = (await ask('eth_getTransactionReceipt', [hash])) as (Mined & { status: string }) | null;
    if (receipt?.status === '0x0') throw new Error(`the transaction ${hash} failed`);
    if (receipt !== null) return receipt;
  }
}

/** The same with a contract. @returns where it lies */
export async function put(...what: Parameters<typeof mined>): Promise<EvmAddress> {
  const { contractAddress } = await mined(...what);
  if (contractAddress === null) throw new Error('it made no contract');
  return contractAddress;
}
