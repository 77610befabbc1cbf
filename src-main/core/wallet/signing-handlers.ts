import { hashMessage, hexToBytes } from 'viem';
import type { Checks, Handlers } from '#core/broker/handlers.ts';
import type { walletSigningContract } from '#shared/contract/wallet/signing.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { signHash } from './accounts-port.ts';
import { failures } from './failures.ts';
import type { Keyring } from './keys/keyring.ts';
import { parseTyped } from './reading/typed.ts';

type Methods = typeof walletSigningContract;

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
      return { account, signature: signHash(keyring, account, hexToBytes(parseTyped(data).digest)) };
    },
  };
}

export const signingChecks: Checks<Methods> = {
  'wallet.signTyped': ({ data }) => void parseTyped(data),
};
