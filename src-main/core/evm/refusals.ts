import { type Abi, decodeErrorResult } from 'viem';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { attestations } from './contracts/attestations.generated.ts';
import { credits } from './contracts/credits.generated.ts';
import { deals } from './contracts/deals.generated.ts';
import { names } from './contracts/names.generated.ts';
import { nodes } from './contracts/nodes.generated.ts';

/** Every error that one of Hypha's contracts refuses with, and those that Solidity knows by itself. */
const errors: Abi = [deals, nodes, names, attestations, credits].flatMap(({ abi }) =>
  (abi as Abi).filter(({ type }) => type === 'error'),
);

/** What a contract said when it refused a call. `name` is the error's, null for what no contract of Hypha says. */
export interface Refusal {
  readonly name: string | null;
  readonly args: readonly unknown[];
  /** The reason in the contract's own words, or as near to them as the bytes go; empty where it gave none. */
  readonly text: string;
}

/** @param data what the call came back with */
export function refusalOf(data: string): Refusal {
  if (!/^0x(?:[0-9a-fA-F]{2})+$/.test(data)) return { name: null, args: [], text: '' };
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errors, data: data as `0x${string}` });
    if (errorName === 'Error') return { name: 'Error', args, text: plain(String(args[0])) };
    const shown = args.map((arg) => plain(String(arg))).join(', ');
    return { name: errorName, args, text: shown === '' ? errorName : `${errorName} (${shown})` };
  } catch {
    return { name: null, args: [], text: data.length > 74 ? `${data.slice(0, 74)}…` : data };
  }
}

/** Somebody else's contract may say anything at any length. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200);

/**
 * What a chain said about a call, as what it means for who wanted to make it.
 *
 * @returns CALL_REFUSED with `data.error` (name of the error), `data.args` and `data.reason` where a contract refused it; else `error` as it is
 */
export function asRefusal(error: unknown, meaning = 'Nothing was sent and nothing was paid.'): unknown {
  if (!isFail(error, 'CHAIN_SAID')) return error;
  const { data = '', message = '', code } = (error.data ?? {}) as { data?: unknown; message?: unknown; code?: unknown };
  const said = plain(String(message));
  if (code !== 3 && !/revert|invalid opcode|out of gas/i.test(said)) return error;
  const { name, args, text } = refusalOf(String(data));
  const reason = text === '' ? said.replace(/^(?:error: )?(?:vm exception[^:]*: )?/i, '') : text;
  return callRefused(reason, meaning, { error: name, args: args.map(String), reason });
}

const callRefused = (reason: string, meaning: string, data: Record<string, unknown>): Fail =>
  fail('CALL_REFUSED', `The contract refuses this: ${reason === '' ? 'it gives no reason' : reason}.`, {
    meaning,
    next: 'See whether what it depends on has changed.',
    data,
  });
