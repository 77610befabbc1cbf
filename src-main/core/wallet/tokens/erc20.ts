import { decodeAbiParameters, decodeFunctionResult, encodeFunctionData, erc20Abi, hexToBytes } from 'viem';
import { ask, callContract, dataSchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { finest } from '#shared/model/amount-schema.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';

/** What a contract says that it is. */
export interface Erc20 {
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
}

const maxSymbol = 24;
const maxName = 64;

/** Ask a contract what token it is. @throws Fail NOT_A_TOKEN and those of the chain */
export async function readErc20(chain: Chain, address: EvmAddress): Promise<Erc20> {
  const code = await ask(chain, dataSchema, 'eth_getCode', [address, 'latest']);
  if (code === '0x') throw notAToken(chain, address, 'there is no contract at this address');
  const asked = async (functionName: 'symbol' | 'name' | 'decimals') => {
    try {
      return await callContract(chain, address, encodeFunctionData({ abi: erc20Abi, functionName }));
    } catch (error) {
      if (isFail(error, 'CHAIN_SAID')) return '0x';
      throw error;
    }
  };
  const [symbol, name, decimals] = await Promise.all([asked('symbol'), asked('name'), asked('decimals')]);
  const places = readDecimals(decimals);
  if (places === null) throw notAToken(chain, address, 'it does not say how its amounts are counted');
  const called = textOf(symbol, maxSymbol);
  if (called === '') throw notAToken(chain, address, 'it has no symbol');
  return { symbol: called, name: textOf(name, maxName), decimals: places };
}

/** How much somebody has of it. @throws Fail of the chain, NOT_A_TOKEN */
export async function balanceOf(chain: Chain, token: EvmAddress, who: EvmAddress): Promise<bigint> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [who] });
  const answer = await callContract(chain, token, data);
  try {
    return decodeFunctionResult({ abi: erc20Abi, functionName: 'balanceOf', data: answer });
  } catch {
    throw notAToken(chain, token, 'it does not say how much somebody has');
  }
}

function readDecimals(answer: `0x${string}`): number | null {
  if (answer.length !== 66) return null;
  const value = BigInt(answer);
  return value <= BigInt(finest) ? Number(value) : null;
}

/** A text, or 32 bytes with zeros at the end as the oldest tokens give. Only what can be read on one line, and no more than that. */
function textOf(answer: `0x${string}`, most: number): string {
  try {
    const text =
      answer.length === 66
        ? new TextDecoder().decode(hexToBytes(answer)).replace(/\0+$/, '')
        : decodeAbiParameters([{ type: 'string' }], answer)[0];
    return [...text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim()].slice(0, most).join('');
  } catch {
    return '';
  }
}

const notAToken = (chain: Chain, address: string, why: string) =>
  fail('NOT_A_TOKEN', `${address} on ${chain.name} is no token: ${why}.`, {
    meaning: 'Nothing was added.',
    next: 'Compare the address, and whether it is of this chain.',
  });
