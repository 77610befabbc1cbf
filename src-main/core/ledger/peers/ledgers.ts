import type { Chain } from '#core/evm/chain.ts';
import type { Database } from '#core/store/database.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { createSeenHeads } from '../heads/seen.ts';
import { type Connection, createConnection, type Timing, usualTiming } from './connection.ts';
import { createContactChain } from './contact-chain.ts';
import { type ContactHeads, createHeads } from './heads.ts';
import { createJoined, type Joined, type JoinedStore } from './joined.ts';
import { createLies } from './lies.ts';
import { createAnswers } from './light/answers.ts';
import { createFollowed } from './light/followed.ts';
import { createLightLedger } from './light/light-ledger.ts';
import type { PeersDeps } from './ports.ts';

/** One contact's ledger with all that is needed to ask it. */
export interface ContactLedger {
  readonly joined: Joined;
  readonly heads: ContactHeads;
  readonly chain: Chain;
  readonly connection: Connection;
  /** What was seen of its blocks is forgotten; heads and proofs stay. */
  forget(): void;
}

export type LedgersDeps = Pick<PeersDeps, 'host' | 'streams' | 'operators'>;

/** The ledgers of contacts that were joined, each ready to be asked. */
export function createLedgers(
  { host, streams, operators }: LedgersDeps,
  database: Database,
  changed: () => void,
  timing: Timing = usualTiming,
) {
  const store = createJoined(database);
  const seen = createSeenHeads(database);
  const lies = createLies(database);
  const followed = createFollowed(database);
  const open = new Map<ChainRef, ContactLedger>();

  const nameOf = (contact: string): string => streams.nameOf(contact) ?? 'A contact';
  const connect = (contact: string): Connection =>
    createConnection({ host, streams }, contact, () => nameOf(contact), timing);

  const make = (
    joined: Joined,
    connection: Connection,
    heads: Pick<JoinedStore, 'head' | 'setHead'> = store,
  ): ContactLedger => {
    const name = () => nameOf(joined.contact);
    const blocks = followed(joined.ref);
    const light = createLightLedger(joined.chainId, blocks, connection);
    const common = { joined, name, now: () => host.now(), changed };
    const own = createHeads({ ...common, light, source: connection, store: heads, seen, lies, operators });
    const answers = createAnswers(light, connection, host.now, own.refresh);
    const chain = createContactChain({ host, joined, answers, heads: own, name });
    return { joined, heads: own, chain, connection, forget: () => blocks.forget() };
  };

  return {
    ...{ lies, nameOf, connect, make },
    start(): void {
      for (const joined of store.list()) open.set(joined.ref, make(joined, connect(joined.contact)));
    },
    stop(): void {
      for (const { connection } of open.values()) connection.close();
      open.clear();
    },
    list: (): readonly ContactLedger[] => [...open.values()],
    find: (ref: ChainRef): ContactLedger | null => open.get(ref) ?? null,
    /** Durable when it returns. */
    keep(ledger: ContactLedger): ContactLedger {
      const first = ledger.heads.newest();
      if (first === null) throw new Error('a ledger is joined by a head of it');
      store.add(ledger.joined, first);
      const kept = make(ledger.joined, ledger.connection);
      open.set(kept.joined.ref, kept);
      changed();
      return kept;
    },
    remove(ledger: ContactLedger): void {
      const { ref } = ledger.joined;
      store.remove(ref);
      ledger.forget();
      ledger.connection.close();
      open.delete(ref);
      changed();
    },
  };
}

export type Ledgers = ReturnType<typeof createLedgers>;
