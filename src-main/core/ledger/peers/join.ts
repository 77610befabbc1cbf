import { compareContracts } from '#core/evm/code.ts';
import { chainRef } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { SignedHead } from '../heads/head.ts';
import { isSameCard, type LedgerCard, readLedgerLink } from './card.ts';
import { type Connection, inWords } from './connection.ts';
import type { Joined } from './joined.ts';
import type { ContactLedger, Ledgers } from './ledgers.ts';
import { WrongAnswer } from './light/source.ts';
import type { PeersDeps } from './ports.ts';

const mostLedgers = 200;

type Deps = Pick<PeersDeps, 'host' | 'streams' | 'operators' | 'contactOf' | 'others'>;

/** Steps, for whoever waits. */
export type Step = (key: 'ask' | 'follow' | 'compare') => void;

/**
 * Join the ledger of a contact: which one it is, is pinned here, once all of its blocks lead to one that they signed and the contracts on it are those
 * that Hypha was built with.
 *
 * @throws Fail of `ledger.join`
 */
export async function join(deps: Deps, ledgers: Ledgers, from: string, step: Step): Promise<ContactLedger> {
  const { contact, link } = whose(deps, from);
  const name = ledgers.nameOf(contact);
  const keys = deps.operators.keys(contact);
  if (keys === null) throw noKeys(deps, name);
  const connection = ledgers.connect(contact);
  let kept = false;
  try {
    step('ask');
    const card = await connection.card();
    if (card.operator !== keys.person) throw new WrongAnswer('the card of somebody else’s ledger');
    if (link !== null && !isSameCard(card, link)) throw otherLedger(name);
    const there = known(deps, ledgers, card, contact, name);
    if (there !== null) return there;
    step('follow');
    const made = await pin(deps, ledgers, card, contact, connection);
    try {
      step('compare');
      await compare(made, name);
      const joined = ledgers.keep(made);
      kept = true;
      return joined;
    } finally {
      if (!kept) made.forget();
    }
  } catch (error) {
    throw inWords(error, name);
  } finally {
    if (!kept) connection.close();
  }
}

function whose({ streams, operators, contactOf }: Deps, from: string): { contact: string; link: LedgerCard | null } {
  const link = readLedgerLink(from);
  if (link === null && /^\s*<?hypha:/i.test(from)) {
    throw fail('LINK_INVALID', 'This is no link to a ledger, or not all of it.', {
      next: 'Copy the whole link again.',
    });
  }
  if (link === null) return { contact: streams.contact(from).contact, link };
  if (operators.self()?.person === link.operator) {
    throw fail('LINK_INVALID', 'This is the link to your own ledger.', { next: 'Send it to a contact.' });
  }
  const contact = contactOf(link.operator);
  if (contact === null) {
    throw fail('NOT_FOUND', 'Whoever runs this ledger is no contact of yours.', {
      meaning: 'A ledger is only as good as the person who runs it, so you have to know who that is.',
      next: 'Add them as a contact first, by their contact link.',
    });
  }
  return { contact, link };
}

/** The same one joined before; a chain id that stands for another chain is refused, as what is signed for one could be used on the other. */
function known(deps: Deps, ledgers: Ledgers, card: LedgerCard, contact: string, name: string): ContactLedger | null {
  const there = ledgers.find(chainRef(card.chainId));
  if (there !== null && there.joined.contact === contact && there.joined.genesis === card.genesis) return there;
  if (there !== null || deps.others.list().some(({ chainId }) => chainId === card.chainId)) {
    throw fail('CHAIN_ID_TAKEN', `The ledger of ${name} has the number of another chain that you use.`, {
      meaning: 'What you sign for one of the two could be used on the other, so it was not joined.',
      next: `Ask ${name} to open another ledger, or leave the other one first.`,
    });
  }
  if (ledgers.list().length >= mostLedgers) {
    throw fail('TOO_MANY', `You joined ${mostLedgers} ledgers already.`, { next: 'Leave one that you need no more.' });
  }
  return null;
}

/** Follow it from its first block on, with nothing written down of it but its blocks. */
async function pin(
  { host }: Deps,
  ledgers: Ledgers,
  { chainId, genesis, contracts }: LedgerCard,
  contact: string,
  connection: Connection,
): Promise<ContactLedger> {
  const joined: Joined = { ref: chainRef(chainId), chainId, contact, genesis, contracts, at: host.now() };
  let newest: SignedHead | null = null;
  const made = ledgers.make(joined, connection, {
    head: () => newest,
    setHead(_, head) {
      newest = head;
    },
  });
  made.forget();
  try {
    await made.heads.refresh();
  } catch (error) {
    // Known from before it was left: whoever joins it anew takes it as it is now.
    if (!made.heads.accept()) throw error;
    await made.heads.refresh();
  }
  return made;
}

async function compare({ chain, joined }: ContactLedger, name: string): Promise<void> {
  const other = await compareContracts(chain, joined.chainId, joined.contracts);
  if (other === null) return;
  throw fail('CONTRACTS_OTHER', `The contract “${other.contract}” on the ledger of ${name} is not the one of Hypha.`, {
    meaning: 'It may do anything with what is paid in, so the ledger was not joined.',
    next: `Update Hypha on both sides, then try again; if it stays so, ask ${name} what they put there.`,
    data: { contract: other.contract, at: other.at },
  });
}

function noKeys({ operators }: Deps, name: string) {
  if (operators.self() === null) {
    return fail('LOCKED', 'Hypha is locked.', { next: 'Unlock with your passphrase.' });
  }
  return fail('CONTACT_WAITING', `Only the short card of ${name} is here.`, {
    meaning: 'Without their keys nobody can check what they sign.',
    next: `Wait until both of you are on the mesh, or ask ${name} for the whole contact link.`,
  });
}

const otherLedger = (name: string) =>
  fail('LEDGER_OTHER', `${name} runs another ledger than the one of this link.`, {
    meaning: 'The link is old, or somebody else made it. Nothing was joined.',
    next: `Ask ${name} for the link again.`,
  });
