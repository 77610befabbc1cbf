import { type Abi, encodeDeployData, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** Somebody with a key and a nonce, for tests. */
export function testPerson(key: number, chainId: number) {
  const account = privateKeyToAccount(`0x${key.toString(16).padStart(64, '0')}`);
  let nonce = 0;
  const sign = async (fields: {
    to?: Hex;
    data?: Hex;
    gas?: bigint;
    nonce?: number;
    chainId?: number;
  }): Promise<Uint8Array> => {
    const signed = await account.signTransaction({
      type: 'eip1559',
      chainId,
      gas: 6_000_000n,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      nonce: fields.nonce ?? nonce++,
      ...fields,
    });
    return Buffer.from(signed.slice(2), 'hex');
  };
  return {
    account,
    address: Buffer.from(account.address.slice(2), 'hex'),
    sign,
    deploy: (contract: { readonly abi: readonly unknown[]; readonly bytecode: string }, args: readonly unknown[]) =>
      sign({
        data: encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode as Hex, args }),
      }),
  };
}
