import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { fail } from '#shared/rpc/fail.ts';
import { decodeHead, encodeHead, type SignedHead } from '../heads/head.ts';
import type { createSeenHeads } from '../heads/seen.ts';
import type { Joined, JoinedStore } from './joined.ts';
import type { Lies } from './lies.ts';
import { follow, NotLinked } from './light/follow.ts';
import type { LightLedger } from './light/light-ledger.ts';
import { type Source, WrongAnswer } from './light/source.ts';
import type { Operators } from './ports.ts';
import { type LieProof, mostHeaders } from './proof.ts';
import { type Rest, rests } from './standing.ts';

export interface HeadsDeps {
  readonly joined: Joined;
  readonly light: LightLedger;
  readonly source: Source;
  readonly store: Pick<JoinedStore, 'head' | 'setHead'>;
  readonly seen: ReturnType<typeof createSeenHeads>;
  readonly lies: Lies;
  readonly operators: Operators;
  readonly name: () => string;
  readonly now: () => number;
  /** It rests, or does no more. */
  readonly changed: () => void;
}

/** Heads of one contact's ledger: taken from the operator, held against all that were seen before, and followed. */
export function createHeads({ joined, light, source, store, seen, lies, operators, name, now, changed }: HeadsDeps) {
  const { ref, contact } = joined;
  let rest: Rest | null = lies.has(ref, contact) ? { is: 'lie' } : null;
  /** What a person may accept: the head of a ledger that was put back. */
  let putBack: SignedHead | null = null;
  let running: Promise<void> | null = null;

  const become = (next: Rest | null): void => {
    const before = rest;
    rest = next;
    if (before?.is !== next?.is) changed();
  };
  const keysOf = () => {
    const keys = operators.keys(contact);
    if (keys !== null) return keys;
    const locked = operators.self() === null;
    throw fail('CHAIN_UNREACHABLE', locked ? 'Your Hypha is locked.' : `The keys of ${name()} are not here.`, {
      meaning: 'Nothing that their ledger says can be checked without them.',
      next: locked ? 'Unlock with your passphrase.' : 'Add them as a contact again, or stop blocking them.',
    });
  };
  const lied = (operator: string, one: SignedHead, other: SignedHead, headers: readonly Uint8Array[]): void => {
    const proof = { operator, one, other, headers } as LieProof;
    // Without the headers between it would be no proof to anybody else.
    const shown = headers.length <= mostHeaders && (headers.length > 0 || one.head.number === other.head.number);
    lies.keep({ ref, contact, at: now(), proof: shown ? proof : null });
    become({ is: 'lie' });
  };

  /** @throws Fail CHAIN_RESTS, CHAIN_UNREACHABLE; WrongAnswer, and what the source does */
  const take = async (shown: SignedHead): Promise<void> => {
    const { head } = shown;
    const known = store.head(ref);
    if (head.chainId !== joined.chainId || `0x${toHex(head.genesis)}` !== joined.genesis)
      throw new WrongAnswer('a head of another ledger');
    const { person, verify } = keysOf();
    const met = seen.take(contact, shown, verify);
    if (met.is === 'forged') throw new WrongAnswer('a head that they did not sign');
    if (met.is === 'lie') lied(person, ...met.proof, []);
    else if (met.is === 'another incarnation') {
      putBack = shown;
      become({ is: 'put back', known: met.known, shown: met.shown });
    } else if (met.is === 'old') become({ is: 'old' });
    else {
      const last = light.blocks.newest();
      try {
        await follow(source, light.rules, light.blocks, head, head.genesis);
      } catch (error) {
        if (!(error instanceof NotLinked) || known === null) throw error;
        // What they signed before is the last block that was followed, or one after this.
        lied(person, known, shown, error.headers);
        throw rests({ is: 'lie' }, name());
      }
      if (last !== undefined && head.number < last.number) {
        become({ is: 'behind', known: last.number, shown: head.number });
      } else {
        if (known === null || !equalBytes(encodeHead(known), encodeHead(shown))) store.setHead(ref, shown);
        putBack = null;
        become(null);
      }
    }
    if (rest !== null) throw rests(rest, name());
  };

  const ask = async (): Promise<void> => {
    if (rest?.is === 'lie') throw rests(rest, name());
    keysOf();
    const known = store.head(ref);
    const answer = await source.ask('hypha_head', known === null ? [] : [`0x${toHex(encodeHead(known))}`]);
    const shown = typeof answer === 'string' ? decodeHead(fromHex(answer.slice(2)) ?? new Uint8Array()) : null;
    if (shown === null) throw new WrongAnswer('no head');
    await take(shown);
  };

  return {
    rest: (): Rest | null => rest,
    newest: (): SignedHead | null => store.head(ref),
    /** Ask what the operator signed last, and take it up; those who ask meanwhile wait for the same. */
    refresh(): Promise<void> {
      running ??= ask().finally(() => {
        running = null;
      });
      return running;
    },
    /**
     * A head that somebody else was shown.
     *
     * @throws Fail CHAIN_RESTS when it shows that the operator told two stories
     */
    async shown(other: SignedHead): Promise<void> {
      const { person, verify } = keysOf();
      const met = seen.take(contact, other, verify);
      if (met.is === 'forged') throw new WrongAnswer('a head that they did not sign');
      if (met.is !== 'lie') return;
      lied(person, ...met.proof, []);
      throw rests({ is: 'lie' }, name());
    },
    /** The person goes on with a ledger that was put back. @returns false when there is nothing to accept */
    accept(): boolean {
      if (putBack === null || rest?.is !== 'put back') return false;
      seen.accept(contact, putBack.head);
      // It may tell another story from some block on, and is followed from the first one again.
      light.blocks.forget();
      store.setHead(ref, putBack);
      putBack = null;
      become(null);
      return true;
    },
  };
}

export type ContactHeads = ReturnType<typeof createHeads>;
