import { type Abi, encodeFunctionData } from 'viem';
import { toHex } from '#core/crypto/encoding.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import { formatAmount } from '#shared/model/amount.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Act, Acts } from './acts.ts';
import { recordHash } from './credit-record.ts';
import { creditsDecimals } from './view.ts';

interface CreditsDeps {
  readonly acts: Acts;
  readonly accounts: Accounts;
  readonly host: Pick<Host, 'now' | 'random'>;
  readonly log: Logger;
  readonly emit: Emit;
}

/** What says for sure that nothing was signed. */
const before = ['CALL_REFUSED', 'MONEY_SHORT', 'LOCKED', 'NOT_FOUND', 'DISK_FULL', 'BUSY'];

/** Issues credits and gives them back, each with a record of what for. What was begun is finished after a restart, once. */
export function createCredits({ acts, accounts, host, log, emit }: CreditsDeps) {
  const changed = (): void => emit({ topic: 'ledger', ids: [] });

  const finish = async (act: Act, symbol: string, signal?: AbortSignal): Promise<Act> => {
    const sum = `${formatAmount(BigInt(act.units), creditsDecimals)} ${symbol}`;
    const data =
      act.kind === 'issue'
        ? encodeFunctionData({
            abi: credits.abi as Abi,
            functionName: 'issue',
            args: [act.to, BigInt(act.units), act.record],
          })
        : encodeFunctionData({
            abi: credits.abi as Abi,
            functionName: 'redeem',
            args: [BigInt(act.units), act.record],
          });
    const about = act.kind === 'issue' ? `Issue ${sum}: ${act.memo}` : `Give back ${sum}: ${act.memo}`;
    const sending = { chain: act.chain, from: act.from, to: act.credits, data, about, key: `ledger-act ${act.id}` };
    const become = (change: Partial<Act>): Act => {
      const now = { ...act, ...change };
      acts.put(now);
      changed();
      return now;
    };
    try {
      const tx = await accounts.send(sending);
      const { ok, block } = await accounts.settled(act.chain, tx, signal);
      return become({ tx, state: ok ? 'done' : 'failed', block: Number(block) });
    } catch (error) {
      if (isFail(error) && (before.includes(error.code) || error.code === 'TX_LOST')) {
        become({ state: 'failed' });
        throw error;
      }
      log.warn({ error: String(error) }, 'it is not known whether credits were issued or given back');
      throw fail('ACT_PENDING', 'It is not known yet whether this happened.', {
        meaning: 'It was written down, and is gone on with by itself; it will not happen twice.',
        next: 'Look at it in a moment: ledger issued. Do not repeat it.',
      });
    }
  };

  return {
    async make(
      kind: Act['kind'],
      what: {
        readonly chain: Chain;
        readonly credits: EvmAddress;
        readonly from: EvmAddress;
        readonly to: EvmAddress;
        readonly units: bigint;
        readonly memo: string;
        readonly symbol: string;
      },
      signal: AbortSignal,
    ): Promise<Act> {
      const { chain, units, symbol, ...rest } = what;
      const [id, salt] = [toHex(host.random(16)), toHex(host.random(16))];
      const open = {
        ...rest,
        kind,
        chain: chain.ref,
        units: String(units),
        id,
        salt,
        at: host.now(),
        state: 'sending',
        tx: null,
        block: null,
      } as const;
      const act: Act = { ...open, record: recordHash(open) };
      acts.put(act);
      return finish(act, symbol, signal);
    },
    /** Finish what a crash, a lock or a chain that did not answer left open. */
    async goOn(symbolOf: (act: Act) => Promise<string>): Promise<void> {
      for (const act of acts.sending()) {
        if (!accounts.list().some((one) => one.toLowerCase() === act.from.toLowerCase())) continue;
        await symbolOf(act)
          .then((symbol) => finish(act, symbol))
          .catch((error: unknown) => log.warn({ error: String(error) }, 'an act of credits waits'));
      }
    },
  };
}

export type Credits = ReturnType<typeof createCredits>;
