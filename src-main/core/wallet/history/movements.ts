import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Book, Party } from '../book/book.ts';
import { type SendTable, type Sent, timeOf } from '../outbox/send-table.ts';
import { coinOf, sumOf } from '../sums.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { TransferRow, TransferTable } from './transfer-table.ts';

interface Deps {
  readonly sends: SendTable;
  readonly transfers: TransferTable;
  readonly tokens: Tokens;
  readonly book: Book;
  readonly chains: Chains;
}

export interface Wanted {
  readonly account?: EvmAddress | undefined;
  readonly chain?: ChainRef | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

const nobody = `0x${'0'.repeat(40)}`;
const last = { at: Number.MAX_SAFE_INTEGER, id: '' };

export type Movements = ReturnType<typeof createMovements>;

/** What was sent from here and what logs tell of, as one list. */
export function createMovements({ sends, transfers, tokens, book, chains }: Deps) {
  const chainName = (ref: ChainRef, chain: Chain | null): string => chain?.name ?? ref;

  const nameOf = ({ name, address }: Party): string => name ?? `${address.slice(0, 8)}…${address.slice(-6)}`;

  function tokenOf(chain: Chain | null, ref: ChainRef, address: EvmAddress | null) {
    if (address === null) return chain === null ? { symbol: 'coin', decimals: 18 } : coinOf(chain);
    return tokens.find(ref, address) ?? { symbol: 'units of an unknown token', decimals: 0 };
  }

  function ofSent(sent: Sent): Movement {
    const chain = chains.find(sent.chain);
    const { details } = sent;
    const party = details === null ? null : book.partyOf(details.to);
    const sum = details === null ? null : sumOf(BigInt(details.amount), tokenOf(chain, sent.chain, details.token));
    const state =
      sent.state === 'written' ? 'sending' : sent.receipt !== null && !sent.receipt.ok ? 'failed' : sent.state;
    const most = sent.gas * sent.maxFee;
    const fee = sent.fee ?? (state === 'replaced' || state === 'lost' || state === 'refused' ? 0n : most);
    return {
      ...{ id: sent.hash, hash: sent.hash, chain: sent.chain, chainName: chainName(sent.chain, chain) },
      ...{ account: sent.sender, at: timeOf(sent) },
      ...{ direction: sum === null ? 'none' : 'out', sum, token: details?.token ?? null, other: party },
      words: party === null || sum === null ? sent.about : wordsOf(state, sum.text, nameOf(party)),
      ...{ note: details?.note ?? null, state, block: sent.receipt === null ? null : Number(sent.receipt.block) },
      fee: fee === 0n ? null : sumOf(fee, chain === null ? { symbol: 'coin', decimals: 18 } : coinOf(chain)),
      open: sent.state === 'written' || sent.state === 'waiting',
    };
  }

  function ofTransfer(row: TransferRow): Movement {
    const chain = chains.find(row.chain);
    const sum = sumOf(row.amount, tokenOf(chain, row.chain, row.token));
    const made = row.other === nobody;
    const party = made ? null : book.partyOf(row.other);
    const who = party === null ? null : nameOf(party);
    const words = row.incoming
      ? who === null
        ? `${sum.text} were issued to you`
        : `Received ${sum.text} from ${who}`
      : who === null
        ? `Gave ${sum.text} back`
        : `Sent ${sum.text} to ${who}`;
    return {
      ...{
        ...placeOf(row),
        hash: row.hash,
        chain: row.chain,
        chainName: chainName(row.chain, chain),
        account: row.account,
      },
      ...{ direction: row.incoming ? 'in' : 'out', sum, token: row.token, other: party, words, note: null },
      ...{ state: 'done', block: row.block, fee: null, open: false },
    };
  }

  /** The log of what was sent from here is told by the sending. */
  const isTold = (row: TransferRow): boolean => {
    if (row.incoming) return false;
    const sent = sends.byHash(row.hash);
    return sent?.details?.token === row.token && sent.sender === row.account;
  };

  return {
    ofSent,

    /** Newest first. @throws Fail BAD_CURSOR */
    list({ account, chain, before, limit }: Wanted): { movements: Movement[]; next: string | null } {
      let cursor = before === undefined ? last : readCursor(before);
      const wanted = account?.toLowerCase();
      const fits = (one: Movement): boolean =>
        (wanted === undefined || one.account.toLowerCase() === wanted) && (chain === undefined || one.chain === chain);
      const found: Movement[] = [];
      for (;;) {
        const [sent, came] = [
          sends.before(cursor.at, cursor.id, limit + 1),
          transfers.before(cursor.at, cursor.id, limit + 1),
        ];
        const some: Entry[] = [
          ...sent.map((one) => ({ at: timeOf(one), id: one.hash, show: () => ofSent(one) })),
          ...came.map((one) => ({ ...placeOf(one), show: () => (isTold(one) ? null : ofTransfer(one)) })),
        ].toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
        const isAll = sent.length <= limit && came.length <= limit;
        // Below so many of them one of the other kind could be missing.
        const sure = isAll ? some : some.slice(0, limit + 1);
        for (const { at, id, show } of sure) {
          const one = show();
          if (one !== null && fits(one)) {
            if (found.length === limit) return { movements: found, next: `${cursor.at} ${cursor.id}` };
            found.push(one);
          }
          cursor = { at, id };
        }
        if (isAll) return { movements: found, next: null };
      }
    },
  };
}

interface Entry {
  readonly at: number;
  readonly id: string;
  readonly show: () => Movement | null;
}

const placeOf = ({ at, hash, position }: TransferRow) => ({ at, id: `${hash}:${position}` });

const past: Readonly<Partial<Record<Movement['state'], string>>> = {
  done: 'Sent',
  included: 'Sent',
  failed: 'Failed to send',
  refused: 'Not sent, the chain refused it:',
  replaced: 'Replaced or taken back:',
  lost: 'Not sent, another transaction took its place:',
};

const wordsOf = (state: Movement['state'], sum: string, who: string): string =>
  `${past[state] ?? 'Sending'} ${sum} to ${who}`;

function readCursor(text: string): { at: number; id: string } {
  const parts = /^(\d{1,16}) (0x[0-9a-f]{64}(?::\d{1,9})?)$/.exec(text);
  if (parts?.[1] !== undefined && parts[2] !== undefined) return { at: Number(parts[1]), id: parts[2] };
  throw fail('BAD_CURSOR', 'This is no place in the list of movements.', { next: 'Begin again at the newest ones.' });
}
