import { hashMessage, hexToBytes } from 'viem';
import { z } from 'zod';
import type { Checks, Handlers } from '#core/broker/handlers.ts';
import type { TypedData } from '#core/evm/accounts.ts';
import type { walletSigningContract } from '#shared/contract/wallet/signing.ts';
import { type EvmAddress, evmAddressSchema } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { hashOfTypedData, signHash } from './accounts-port.ts';
import { failures } from './failures.ts';
import type { Keyring } from './keys/keyring.ts';

type Methods = typeof walletSigningContract;

const numberSchema = z.union([z.number().int().nonnegative(), z.string().regex(/^(?:0x[0-9a-fA-F]{1,64}|\d{1,78})$/)]);
const typedSchema = z.object({
  domain: z.object({
    name: z.string().optional(),
    version: z.string().optional(),
    chainId: numberSchema.transform((value) => BigInt(value)).optional(),
    verifyingContract: evmAddressSchema.optional(),
    salt: z.string().optional(),
  }),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.string().min(1),
  message: z.record(z.string(), z.unknown()),
});

/** @param text as `eth_signTypedData_v4` takes it @throws Fail BAD_TYPED_DATA */
export function readTypedData(text: string): TypedData {
  const parsed = typedSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw badTyped('it is not typed data as EIP-712 has it');
  return parsed.data as TypedData;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const badTyped = (why: string) =>
  fail('BAD_TYPED_DATA', `This cannot be signed: ${why}.`, {
    meaning: 'Nothing was signed.',
    next: 'Ask the program that made it for data as eth_signTypedData_v4 takes it.',
  });

export function signingHandlers(keyring: Keyring): Handlers<Methods> {
  const signer = (named: EvmAddress | undefined): EvmAddress => {
    const account = named ?? keyring.signers()[0];
    if (account === undefined) throw failures.locked();
    return keyring.withSecret(account, (_, address) => address);
  };
  return {
    'wallet.signMessage': ({ text, account: named }) => {
      const account = signer(named);
      return { account, signature: signHash(keyring, account, hexToBytes(hashMessage(text))) };
    },
    'wallet.signTyped': ({ data, account: named }) => {
      const account = signer(named);
      return { account, signature: signHash(keyring, account, hashOfTypedData(readTypedData(data))) };
    },
  };
}

export const signingChecks: Checks<Methods> = {
  'wallet.signTyped': ({ data }) => void hashOfTypedData(readTypedData(data)),
};
