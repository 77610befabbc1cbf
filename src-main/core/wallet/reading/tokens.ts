import { encodeFunctionData, type Hex, parseAbi } from 'viem';
import type { Asking } from '#core/evm/chain.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { factsOf, type View } from '../simulate/tokens.ts';
import type { TokenLook } from './look.ts';

const erc165 = parseAbi(['function supportsInterface(bytes4 id) view returns (bool)']);
const yes = `0x${'1'.padStart(64, '0')}`;

/** Ask contracts of a chain as it is now. */
export const viewOf =
  (chain: Asking, signal?: AbortSignal): View =>
  async (to, data) => {
    try {
      return (await chain.request('eth_call', [{ to, data }, 'latest'], signal === undefined ? {} : { signal })) as Hex;
    } catch (error) {
      // Refused, or no such function; that the chain cannot be asked at all is another thing.
      if (isFail(error, 'CHAIN_SAID')) return null;
      throw error;
    }
  };

/** What a contract says it is; null where it answers as none of the tokens that are known. */
export async function tokenAt(view: View, address: Hex): Promise<TokenLook | null> {
  const is = async (id: Hex) =>
    (await view(address, encodeFunctionData({ abi: erc165, functionName: 'supportsInterface', args: [id] }))) === yes;
  if (await is('0x80ac58cd')) return factsOf(view, address, 'erc721');
  if (await is('0xd9b67a26')) return factsOf(view, address, 'erc1155');
  // Every token of use says its decimals; what answers with anything but 0 to 255 is none.
  const decimals = await view(address, '0x313ce567');
  if (decimals === null || !/^0x[0-9a-fA-F]{64}$/.test(decimals) || BigInt(decimals) > 255n) return null;
  return factsOf(view, address, 'erc20');
}
