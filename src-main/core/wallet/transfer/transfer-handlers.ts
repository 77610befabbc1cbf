import { encodeFunctionData, erc20Abi } from 'viem';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { Sending } from '#core/evm/accounts.ts';
import type { Host } from '#core/host.ts';
import type { walletSendingContract } from '#shared/contract/wallet/sending.ts';
import { parseAmount } from '#shared/model/amount.ts';
import { type Hash32, units } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { Movements } from '../history/movements.ts';
import type { Keyring } from '../keys/keyring.ts';
import { feesOf, speeds } from '../outbox/fees.ts';
import type { Follow } from '../outbox/follow.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Call, gasFor } from '../outbox/preflight.ts';
import type { SendTable, Sent } from '../outbox/send-table.ts';
import { coinOf, sumOf } from '../sums.ts';
import { heldOf } from '../tokens/balances.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { Resolve, Transfer } from './resolve.ts';

type Methods = typeof walletSendingContract;

interface Deps {
  readonly resolve: Resolve;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
  readonly follow: Pick<Follow, 'soon'>;
  readonly table: SendTable;
  readonly movements: Movements;
  readonly keyring: Keyring;
  readonly host: Pick<Host, 'random'>;
}

function callOf({ from, to, token, amount }: Transfer): Call & { readonly to: NonNullable<Call['to']> } {
  if (token.address === null) return { from, to: to.address, data: '0x', value: amount };
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to.address, amount] });
  return { from, to: token.address, data, value: 0n };
}

/** @throws Fail BAD_AMOUNT */
function limitOf(outbox: Outbox, chain: Sending['chain'], limit: string | undefined): { feeLimit?: bigint } {
  if (limit === undefined) return {};
  const feeLimit = parseAmount(limit, coinOf(outbox.chainOf(chain)).decimals);
  if (feeLimit !== null) return { feeLimit };
  throw fail('BAD_AMOUNT', 'The fee limit has more digits after the point than the coin.', {
    meaning: 'Nothing was sent.',
    next: 'Give fewer digits.',
  });
}

export function transferHandlers(deps: Deps): Handlers<Methods> {
  const { resolve, tokens, outbox, table, movements, keyring, host } = deps;

  /** @throws Fail MONEY_SHORT, TOKEN_CHANGED and those of the chain */
  async function held(transfer: Transfer): Promise<bigint> {
    const { chain, token, from, amount } = transfer;
    await tokens.isStill(chain, token);
    const has = await heldOf(chain, token, from);
    if (has < amount) throw failures.moneyShort(token.symbol, sumOf(has, token).text, sumOf(amount, token).text);
    return has;
  }

  async function replace(
    movement: Hash32,
    kind: 'faster' | 'cancel',
    how: { speed: 'slow' | 'normal' | 'fast'; feeLimit?: string | undefined },
  ) {
    keyring.accounts();
    const found = table.byHash(movement);
    if (found === null) throw noMovement();
    const sent = await outbox.replace(movement, kind, {
      speed: how.speed,
      ...limitOf(outbox, found.chain, how.feeLimit),
    });
    deps.follow.soon();
    return { movement: movements.ofSent(sent) };
  }

  return {
    'wallet.quote': async (wish) => {
      const transfer = await resolve.asked(wish);
      const { chain, from, to, token, amount } = transfer;
      const has = await held(transfer);
      const call = callOf(transfer);
      const [gas, fees] = await Promise.all([gasFor(chain, call), feesOf(chain)]);
      return {
        ...{ chain: chain.ref, from, to, token },
        sum: sumOf(amount, token),
        left: sumOf(has - amount, token),
        fees: chain.free
          ? []
          : speeds.map((speed) => ({
              speed,
              most: sumOf(gas * fees[speed].maxFee, coinOf(chain)),
              maxFee: units(fees[speed].maxFee),
            })),
        gas: units(gas),
        call: { ...call, value: units(call.value) },
      };
    },

    'wallet.send': async ({ speed, feeLimit, note, once, ...wish }) => {
      const transfer = await resolve.asked(wish);
      const { chain, from, to, token, amount } = transfer;
      const key = `wallet:${once ?? randomId(host.random)}`;
      const before = table.byKey(key);
      // Asked once more: what it was the first time must not be refused because the money is on its way already.
      if (before === null) await held(transfer);
      const about = `Send ${sumOf(amount, token).text}`;
      const details = {
        token: token.address,
        amount: String(amount),
        to: to.address,
        contact: to.contact,
        note: note ?? null,
      };
      const { to: target, data, value } = callOf(transfer);
      const sending = { chain: chain.ref, from, to: target, data, value, key, about };
      const sent = await outbox
        .send(sending, { speed, details, ...limitOf(outbox, chain.ref, feeLimit) })
        .catch((error: unknown) => keptOr(table.byKey(key), error));
      deps.follow.soon();
      return { movement: movements.ofSent(sent) };
    },

    'wallet.hasten': ({ movement, ...how }) => replace(movement, 'faster', how),
    'wallet.takeBack': ({ movement, ...how }) => replace(movement, 'cancel', how),
  };
}

/** What was signed and is on its way is no failure: that the chain did not answer is its state. */
function keptOr(sent: Sent | null, error: unknown): Sent {
  if (sent !== null && isFail(error) && /^CHAIN_(?:UNREACHABLE|WRONG|RESTS|SAID)$/.test(error.code)) return sent;
  throw error;
}

const noMovement = () =>
  fail('NOT_FOUND', 'There is no such transaction of yours.', {
    meaning: 'Nothing was changed.',
    next: 'Look at your movements.',
    data: { what: 'movement' },
  });

export function transferChecks({
  resolve,
  table,
  outbox,
}: Pick<Deps, 'resolve' | 'table' | 'outbox'>): Checks<Methods> {
  const waits = ({ movement, feeLimit }: { movement: string; feeLimit?: string | undefined }): void => {
    const found = table.byHash(movement);
    if (found === null) throw noMovement();
    limitOf(outbox, found.chain, feeLimit);
    if (!['written', 'waiting'].includes(found.state)) throw failures.settledAlready();
  };
  return {
    'wallet.send': async ({ feeLimit, ...wish }) => {
      limitOf(outbox, (await resolve.asked(wish)).chain.ref, feeLimit);
    },
    'wallet.hasten': waits,
    'wallet.takeBack': waits,
  };
}

/** Who gets it by what the person calls them, and what it is with whose promise it is. */
export function transferNaming({ resolve, table }: Pick<Deps, 'resolve' | 'table'>): Naming<Methods> {
  const what = ({ movement }: { movement: string }): { movement?: string } => {
    const found = table.byHash(movement);
    return found === null ? {} : { movement: `“${found.about}” (${found.hash})` };
  };
  return {
    'wallet.send': (wish) => {
      const { to, token, chain } = resolve.now(wish);
      const who = to.name === null ? `${to.address}, whom you do not know` : `“${to.name}” (${to.address})`;
      return { to: who, token: `${token.label} on ${chain.name}` };
    },
    'wallet.hasten': what,
    'wallet.takeBack': what,
  };
}
