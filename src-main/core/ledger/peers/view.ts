import { toHex } from '#core/crypto/encoding.ts';
import type { JoinedLedger, LedgerProof } from '#shared/contract/ledger/peers.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { contactIdSchema } from '#shared/model/ids.ts';
import type { ContactLedger } from './ledgers.ts';
import type { KeptLie } from './lies.ts';
import { proofLink } from './proof.ts';
import { restWords } from './standing.ts';

/** @param name what the contact is called; null while that is not known */
export function viewJoined({ joined, heads }: ContactLedger, name: string | null): JoinedLedger {
  const rest = heads.rest();
  const newest = heads.newest();
  if (newest === null) throw new Error('a ledger that was joined has a head');
  const { ref, contact, genesis, contracts, at } = joined;
  return {
    ...{ chain: ref, contact: contactIdSchema.parse(contact), name, genesis, contracts, joinedAt: at },
    rests: rest === null ? null : { why: rest.is, ...restWords(rest, name ?? 'A contact') },
    newest: {
      number: newest.head.number,
      hash: `0x${toHex(newest.head.hash)}` as Hash32,
      at: newest.head.at * 1_000,
      incarnation: newest.head.incarnation,
    },
  };
}

export const viewLie = ({ ref, contact, at, proof }: KeptLie, name: string | null): LedgerProof => ({
  ...{ chain: ref, contact: contactIdSchema.parse(contact), name, foundAt: at },
  blocks: proof && [proof.one.head.number, proof.other.head.number],
  proof: proof && proofLink(proof),
});
