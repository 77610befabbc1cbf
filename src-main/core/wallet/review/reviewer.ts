import type { Hex } from 'viem';
import type { Chain } from '#core/evm/chain.ts';
import type { Host } from '#core/host.ts';
import type { Outcome, Party, Review, Warning } from '#shared/contract/wallet/review.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { checked } from '../guards/addresses.ts';
import {
  aboutOutcome,
  aboutPermission,
  aboutRecipient,
  type Book,
  blind,
  isUnlimited,
  simulationDiffers,
  tokenLies,
  zeroValue,
} from '../guards/guards.ts';
import { aboutTyped, isPermit } from '../guards/typed.ts';
import { readCall } from '../reading/calls.ts';
import type { Look, Read, TokenLook } from '../reading/look.ts';
import { tokenAt, viewOf } from '../reading/tokens.ts';
import { parseTyped, readTyped } from '../reading/typed.ts';
import type { Tried } from '../simulate/protocol.ts';
import type { Simulator } from '../simulate/simulate.ts';
import { outcomeOf, unknownOutcome } from './outcome.ts';
import { recipientsOf, typedPermissions } from './recipients.ts';

export interface Reviewer {
  call(chain: Chain, call: Tried, signal?: AbortSignal): Promise<Review>;
  typed(chain: Chain, from: Hex, text: string, signal?: AbortSignal): Promise<Review>;
  /** Who an address is, on a chain. */
  party(chain: Chain, address: string): Party;
}

interface Parts {
  readonly host: Pick<Host, 'now'>;
  readonly simulator: Simulator;
  readonly book: Book;
}

/** Says what something means before it is signed: reads it, tries it, and warns of what people lose money by. */
export function createReviewer({ host, simulator, book }: Parts): Reviewer {
  const party = (chain: Chain, address: string): Party => {
    const known = book.known(chain.ref).find((one) => one.address.toLowerCase() === address.toLowerCase());
    return {
      address: checked(address.toLowerCase()),
      name: known?.name ?? null,
      kind: known?.kind ?? 'unknown',
    };
  };

  const lookAt = (chain: Chain, signal?: AbortSignal): Look => {
    const view = viewOf(chain, signal);
    const seen = new Map<string, Promise<TokenLook | null>>();
    return {
      coin: chain.coin,
      party: (address) => party(chain, address),
      token(address) {
        const key = address.toLowerCase() as Hex;
        const known = seen.get(key) ?? tokenAt(view, key);
        seen.set(key, known);
        return known;
      },
    };
  };

  const hasCode = async (chain: Chain, address: string): Promise<boolean> =>
    (await chain.request('eth_getCode', [address, 'latest'])) !== '0x';

  const aboutPeople = async (chain: Chain, from: string, read: Read, to: Hex | null): Promise<Warning[]> => {
    const warnings: Warning[] = [];
    for (const { address, role, token } of recipientsOf(read, to)) {
      const who = { party: party(chain, address), role, hasCode: await hasCode(chain, address) };
      warnings.push(...aboutRecipient(who, chain.ref, from, token, book));
    }
    return warnings;
  };

  /** Whether the chain’s node says the same of it; null where it does not say. */
  const nodeSays = async (chain: Chain, { from, to, data, value }: Tried): Promise<boolean | null> => {
    const params = { from, data, value: `0x${value.toString(16)}`, ...(to === null ? {} : { to }) };
    try {
      await chain.request('eth_call', [params, 'latest']);
      return true;
    } catch (error) {
      if (!isFail(error, 'CHAIN_SAID')) throw error;
      return error.data?.code === 3 || /revert/i.test(String(error.data?.message)) ? false : null;
    }
  };

  const tryIt = async (chain: Chain, call: Tried, look: Look, signal?: AbortSignal) => {
    const warnings: Warning[] = [];
    let outcome: Outcome;
    try {
      const [trial, said] = await Promise.all([simulator.try(chain, call, [], signal), nodeSays(chain, call)]);
      outcome = outcomeOf(chain, trial, look);
      // That it has too little of the coin some nodes do not mind in a call.
      const works = trial.result.refusal === null;
      if (said !== null && said !== works && trial.result.refusal?.kind !== 'money') warnings.push(simulationDiffers());
      for (const token of trial.result.tokens) {
        const lies = trial.result.changes.some(
          (one) => one.token === token.address && one.said !== 0n && one.measured !== null && one.said !== one.measured,
        );
        if (lies) warnings.push(tokenLies(token.symbol));
      }
    } catch (error) {
      if (!isFail(error) || error.code === 'CANCELLED') throw error;
      outcome = unknownOutcome(error.message);
    }
    return { outcome, warnings };
  };

  return {
    party,

    async call(chain, call, signal) {
      const look = lookAt(chain, signal);
      const read = await readCall(chain, call, look);
      const { outcome, warnings } = await tryIt(chain, call, look, signal);
      const { known: _, ...shown } = read;
      const amount = read.known?.values.value ?? read.known?.values.amount;
      const nothing =
        read.known?.name.startsWith('transfer') === true ? amount === 0n : read.readBy === 'coin' && call.value === 0n;
      return {
        ...shown,
        outcome,
        warnings: [
          ...(read.readBy === 'nothing' ? [blind()] : []),
          ...warnings,
          ...(await aboutPeople(chain, call.from, read, call.to)),
          ...outcome.permissions
            .filter(({ owner, amount: given }) => owner.address.toLowerCase() === call.from && given !== '0')
            .flatMap(aboutPermission),
          ...aboutOutcome(outcome, read, call.from),
          ...(nothing ? [zeroValue()] : []),
        ],
      };
    },

    async typed(chain, from, text, signal) {
      const typed = parseTyped(text);
      const look = lookAt(chain, signal);
      const read = await readTyped(chain, from, typed, look);
      const { known: _, ...shown } = read;
      const now = BigInt(Math.floor(host.now() / 1_000));
      const warnings = [
        ...(read.readBy === 'nothing' ? [blind()] : []),
        ...aboutTyped(typed, read, chain.chainId, now),
      ];
      if (isPermit(read)) {
        for (const { token, spender, amount, all } of typedPermissions(read, typed.domain.verifyingContract ?? null)) {
          const facts = await look.token(token);
          const asset = {
            kind: 'erc20' as const,
            address: checked(token.toLowerCase()),
            symbol: facts?.symbol ?? '',
            decimals: facts?.decimals ?? 0,
            id: null,
          };
          const unlimited = all || isUnlimited(amount);
          warnings.push(
            ...aboutPermission({ kind: 'amount', amount: null, unlimited, asset, spender: look.party(spender) }),
          );
        }
      }
      return { ...shown, outcome: null, warnings: [...warnings, ...(await aboutPeople(chain, from, read, null))] };
    },
  };
}
