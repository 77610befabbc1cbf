import type { Sending } from '#core/evm/accounts.ts';
import { ask, quantitySchema } from '#core/evm/answers.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { Keyring } from '../keys/keyring.ts';
import { type Fee, feesOf, raised, type Speed } from './fees.ts';
import { handOver } from './hand-over.ts';
import { afford, type Call, gasFor } from './preflight.ts';
import type { SendDetails, SendTable, Sent } from './send-table.ts';
import { createSerial } from './serial.ts';
import { signTransaction } from './transaction.ts';

export interface HowToSend {
  readonly speed?: Speed;
  /** What the transaction may cost at most, in the coin's smallest unit; a tenth of a coin unless given. */
  readonly feeLimit?: bigint | null;
  readonly details?: SendDetails;
}

export interface OutboxDeps {
  readonly database: Database;
  readonly table: SendTable;
  readonly keyring: Keyring;
  readonly chains: Chains;
  readonly host: Pick<Host, 'now'>;
  readonly log: Logger;
  readonly emit: Emit;
  readonly probe?: (point: string) => void;
}

/** Signed and not through; more wait until some are. */
const mostOpen = 500;
/** Of another program with the same phrase, at most so many wait at a chain: one that says more is lying. */
const mostPending = 64;

export type Outbox = ReturnType<typeof createOutbox>;

/** Signs, writes down, sends: in this order, so that what was signed is known whatever happens then. */
export function createOutbox({ database, table, keyring, chains, host, log, emit, probe = () => {} }: OutboxDeps) {
  const serial = createSerial();

  const chainOf = (ref: ChainRef): Chain => {
    const chain = chains.find(ref);
    if (chain === null) throw failures.noChain(ref);
    return chain;
  };
  const changed = (hash: string): void => emit({ topic: 'wallet', ids: [hash] });

  /** The nonce that the chain expects of an account, with what waits there. */
  async function expected(chain: Chain, from: EvmAddress): Promise<number> {
    const count = (block: string) => ask(chain, quantitySchema, 'eth_getTransactionCount', [from, block]);
    const [latest, pending] = [Number(await count('latest')), Number(await count('pending'))];
    return pending >= latest && pending <= latest + mostPending ? pending : latest;
  }

  /** In one go: nothing is signed that is not written down, and nothing twice for one key. */
  function write(chain: Chain, call: Call, tx: { nonce: number; gas: bigint; fee: Fee }, more: Written): Sent {
    return keyring.withSecret(call.from, (secret, sender) =>
      database.transaction(() => {
        const before = more.kind === 'first' ? table.byKey(more.key) : null;
        if (before !== null) return before;
        const { nonce, gas, fee } = tx;
        const { to, data, value } = call;
        const { raw, hash } = signTransaction({ chainId: chain.chainId, nonce, to, data, value, gas, fee }, secret);
        const what = {
          chain: chain.ref,
          sender,
          nonce,
          recipient: to,
          data,
          value,
          gas,
          maxFee: fee.maxFee,
          tip: fee.tip,
        };
        table.add({ ...what, ...more, hash, raw, madeAt: host.now() });
        const sent = table.byHash(hash);
        if (sent === null) throw new Error('a transaction was not written');
        return sent;
      }),
    );
  }

  /** @throws Fail CHAIN_UNREACHABLE and the like: it is kept, and sent again; CALL_REFUSED, TX_LOST */
  async function give(sent: Sent): Promise<Sent> {
    if (sent.state === 'done' || sent.state === 'included' || sent.state === 'replaced') return sent;
    if (sent.state === 'lost') throw failures.lost();
    const handed = await handOver(chainOf(sent.chain), sent, log);
    probe('handed');
    const now = table.byHash(sent.hash) ?? sent;
    if (now.state === 'done' || now.state === 'included') return now;
    const sentAt = host.now();
    const after = handed.taken
      ? table.update(sent.hash, { state: 'waiting', sentAt, refusal: null })
      : // What the chain had once may be gone from there for a while; what it never had is refused.
        table.update(sent.hash, {
          state: now.state === 'waiting' ? 'waiting' : 'refused',
          sentAt,
          refusal: handed.why,
        });
    if (after.state !== now.state) changed(sent.hash);
    if (after.state === 'refused') throw failures.notTaken(after.refusal ?? '');
    return after;
  }

  async function send(what: Sending, how: HowToSend = {}): Promise<Sent> {
    const { key, about, from } = what;
    const call: Call = { from, to: what.to, data: what.data ?? '0x', value: what.value ?? 0n };
    const again = (): Sent | null => {
      const before = table.byKey(key);
      if (before === null) return null;
      const same = before.chain === what.chain && before.recipient === call.to && before.data === call.data;
      if (!same || before.value !== call.value) throw new Error(`another transaction was made under the key ${key}`);
      return before;
    };
    const chain = chainOf(what.chain);
    return serial(`${what.chain} ${from.toLowerCase()}`, async () => {
      const before = again();
      if (before !== null) return give(before);
      // Known before anything is asked of a chain.
      keyring.withSecret(from, () => {});
      if (table.countAlive() >= mostOpen) throw tooMany();
      const [gas, fees] = await Promise.all([gasFor(chain, call), feesOf(chain)]);
      const fee = fees[how.speed ?? 'normal'];
      await afford(chain, call, gas, fee, how.feeLimit ?? null);
      const there = await expected(chain, from);
      const next = (table.lastNonce(chain.ref, senderOf(from)) ?? -1) + 1;
      if (what.decidedAt !== undefined && there > Math.max(what.decidedAt, next)) throw failures.sentElsewhere();
      const nonce = Math.max(there, next);
      const sent = write(chain, call, { nonce, gas, fee }, { key, about, kind: 'first', details: how.details ?? null });
      probe('written');
      changed(sent.hash);
      return give(sent);
    });
  }

  const senderOf = (from: EvmAddress): EvmAddress => keyring.find(from)?.address ?? from;

  return {
    chainOf,
    /** Null for a chain that is not here now. */
    kindOf: (ref: ChainRef): Chain['kind'] | null => chains.find(ref)?.kind ?? null,
    send,
    give,
    nonce: (chain: ChainRef, from: EvmAddress): Promise<number> => expected(chainOf(chain), from),

    /**
     * Sign another in the place of one that waits: the same for a higher fee, or nothing at all. At most one of them happens.
     *
     * @throws Fail TX_SETTLED, FEE_HIGH, MONEY_SHORT, LOCKED, and those of the chain
     */
    async replace(hash: Hash32, kind: 'faster' | 'cancel', how: HowToSend = {}): Promise<Sent> {
      const found = table.byHash(hash);
      if (found === null) {
        throw fail('NOT_FOUND', 'There is no such movement of yours.', { data: { what: 'movement' } });
      }
      const chain = chainOf(found.chain);
      return serial(`${found.chain} ${found.sender.toLowerCase()}`, async () => {
        const all = table.siblings(found);
        const last = all.findLast(({ state }) => state === 'waiting' || state === 'written') ?? null;
        if (last === null || all.some(({ state }) => state === 'included' || state === 'done'))
          throw failures.settledAlready();
        const call: Call =
          kind === 'cancel'
            ? { from: found.sender, to: found.sender, data: '0x', value: 0n }
            : { from: found.sender, to: last.recipient, data: last.data, value: last.value };
        const gas = kind === 'cancel' ? 21_000n : last.gas;
        const fee = raised({ maxFee: last.maxFee, tip: last.tip }, (await feesOf(chain))[how.speed ?? 'fast']);
        await afford(chain, call, gas, fee, how.feeLimit ?? null);
        const about = kind === 'cancel' ? `Take back: ${found.about}` : found.about;
        // What is made faster after it was to be taken back is the taking back.
        const same = kind === 'faster' && last.kind === 'cancel' ? 'cancel' : kind;
        const details = same === 'cancel' ? null : last.details;
        const sent = write(
          chain,
          call,
          { nonce: found.nonce, gas, fee },
          { key: found.key, about, kind: same, details },
        );
        probe('written');
        changed(sent.hash);
        return give(sent);
      });
    },
  };
}

type Written = Pick<Sent, 'key' | 'about' | 'kind' | 'details'>;

const tooMany = () =>
  fail('BUSY', `${mostOpen} of your transactions wait to be taken by their chains.`, {
    meaning: 'Nothing was sent.',
    next: 'Wait until some are through, or take some back.',
  });
