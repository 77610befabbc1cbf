import { hashTypedData, hexToBytes, toHex } from 'viem';
import { evmSignatureBytes, signEvmHash } from '#core/crypto/evm-sign.ts';
import type { Accounts, TypedData } from '#core/evm/accounts.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Keyring } from './keys/keyring.ts';
import type { Follow } from './outbox/follow.ts';
import type { Outbox } from './outbox/outbox.ts';

/** @throws Fail TYPED_DATA_INVALID for what EIP-712 has no hash of */
export function hashOfTypedData(data: TypedData): Uint8Array {
  try {
    return hexToBytes(hashTypedData(data as Parameters<typeof hashTypedData>[0]));
  } catch (error) {
    throw fail('TYPED_DATA_INVALID', `This cannot be signed: ${(error as Error).message.split('\n')[0]}`, {
      meaning: 'Nothing was signed.',
      next: 'Ask whoever made it for data as EIP-712 has it.',
    });
  }
}

export const signHash = (keyring: Keyring, from: EvmAddress, hash: Uint8Array): `0x${string}` =>
  keyring.withSecret(from, (secret) => toHex(evmSignatureBytes(signEvmHash(secret, hash))));

/** The person's accounts for other parts of Hypha. */
export function createAccounts(keyring: Keyring, outbox: Outbox, follow: Follow): Accounts {
  return {
    list: () => keyring.signers(),
    main: () => keyring.signers()[0] ?? null,
    signTypedData: async (from, data) => signHash(keyring, from, hashOfTypedData(data)),
    async send(what) {
      try {
        return (await outbox.send(what)).hash;
      } finally {
        follow.soon();
      }
    },
    nonce: (chain, from) => outbox.nonce(chain, from),
    settled: (...asked) => follow.settled(...asked),
    onChange: (changed) => keyring.onChange(changed),
  };
}
