import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { type Head, type SignedHead, statementOf } from '../heads/head.ts';
import type { HeadSigner } from '../ports.ts';
import type { Register } from './register.ts';
import { type Run, unreachable } from './run.ts';

/**
 * Signs heads of the own ledger, and only those that are to be shown: two signatures take longer than a block. What was signed is known beside the
 * ledger before anybody sees it, so an old copy of the database is told from the ledger even where the copy looks whole.
 */
export function createHeads(run: Run, register: Register, signer: HeadSigner) {
  let last: SignedHead | null = null;
  /** One after the other: what is shown and what is signed must not overtake each other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };
  const current = async (): Promise<Head> => {
    await run.thread();
    const [now, chain] = [run.now(), register.get()?.chain];
    if (now === null || !chain) throw unreachable();
    const genesis = fromHex(chain.genesis.slice(2)) ?? new Uint8Array();
    return { chainId: BigInt(chain.id), genesis, incarnation: now.incarnation, ...now.newest };
  };

  return {
    /** @throws Fail LOCKED, CHAIN_UNREACHABLE */
    head: (): Promise<SignedHead> =>
      inTurn(async () => {
        const head = await current();
        const same = last?.head.incarnation === head.incarnation && last.head.number === head.number;
        if (last !== null && same && toHex(last.head.hash) === toHex(head.hash)) return last;
        const self = signer.self();
        if (self === null) {
          throw fail('LOCKED', 'Your ledger cannot be vouched for while Hypha is locked.', { next: 'Unlock Hypha.' });
        }
        register.see({ incarnation: head.incarnation, number: head.number, hash: toHex(head.hash) });
        last = { head, signature: self.sign(statementOf(head)) };
        return last;
      }),
    shown: (shown: SignedHead): Promise<boolean> =>
      inTurn(async () => {
        const head = await current();
        const other = shown.head;
        if (other.chainId !== head.chainId || toHex(other.genesis) !== toHex(head.genesis)) return true;
        // Only what this person signed says anything about what was here.
        if (signer.self()?.verify(statementOf(other), shown.signature) !== true) return true;
        if (other.incarnation < head.incarnation) return true;
        const hash = other.number > head.number ? null : await hashAt(other.number);
        if (other.incarnation === head.incarnation && hash !== null && toHex(hash) === toHex(other.hash)) return true;
        await run.another(other.incarnation + 1);
        return false;
      }),
  };

  async function hashAt(number: number): Promise<Uint8Array | null> {
    const thread = await run.thread();
    return thread.call.hashAt(number).catch((error: unknown) => {
      throw isFail(error) ? error : unreachable();
    });
  }
}
