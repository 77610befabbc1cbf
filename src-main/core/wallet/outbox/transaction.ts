import { type Hex, keccak256, serializeTransaction, type TransactionSerializable, toHex } from 'viem';
import { fromHex } from '#core/crypto/encoding.ts';
import { signEvmHash } from '#core/crypto/evm-sign.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import type { Fee } from './fees.ts';

export interface Unsigned {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: EvmAddress | null;
  readonly data: `0x${string}`;
  readonly value: bigint;
  readonly gas: bigint;
  readonly fee: Fee;
}

const bytes = (hex: `0x${string}`): Uint8Array => fromHex(hex.slice(2)) ?? new Uint8Array(0);

/** Sign for one chain and no other: of type 2 (EIP-1559), or with the chain's id in the signature (EIP-155). */
export function signTransaction(tx: Unsigned, secret: Uint8Array): { readonly raw: Uint8Array; readonly hash: Hash32 } {
  const { nonce, to, data, value, gas, fee } = tx;
  const common = { chainId: Number(tx.chainId), nonce, to: to as Hex | null, data, value, gas } as const;
  const fields: TransactionSerializable =
    fee.tip === null
      ? { ...common, type: 'legacy', gasPrice: fee.maxFee }
      : { ...common, type: 'eip1559', maxFeePerGas: fee.maxFee, maxPriorityFeePerGas: fee.tip };
  const { r, s, yParity } = signEvmHash(secret, bytes(keccak256(serializeTransaction(fields))));
  const signed = serializeTransaction(fields, { r: toHex(r), s: toHex(s), yParity });
  return { raw: bytes(signed), hash: keccak256(signed) as Hash32 };
}
