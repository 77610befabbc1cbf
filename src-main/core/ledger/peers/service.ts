import { join as joinPath } from 'node:path';
import type { Handlers, Naming } from '#core/broker/handlers.ts';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { openDatabase } from '#core/store/database.ts';
import type { ledgerPeersContract, SharedLedger } from '#shared/contract/ledger/peers.ts';
import type { ledgerRpcContract } from '#shared/contract/ledger/rpc.ts';
import { type ChainRef, chainRef } from '#shared/model/evm.ts';
import { contactIdSchema } from '#shared/model/ids.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { decodeHead, encodeHead, type SignedHead } from '../heads/head.ts';
import type { ChainSource, LedgerPart, Notice } from '../ports.ts';
import { type LedgerCard, ledgerLink } from './card.ts';
import { inWords, type Timing } from './connection.ts';
import { createDoors } from './doors.ts';
import { join } from './join.ts';
import { type ContactLedger, createLedgers } from './ledgers.ts';
import { createLetIn } from './let-in.ts';
import { createLoopbackSwitch } from './loopback/switch.ts';
import type { PeersDeps, Served } from './ports.ts';
import { proves, readProofLink } from './proof.ts';
import { peersMigrations } from './schema.ts';
import { restWords } from './standing.ts';
import { viewJoined, viewLie } from './view.ts';
import type { Patience } from './wire/serving.ts';

type Contract = typeof ledgerPeersContract & typeof ledgerRpcContract;

export interface Peers extends LedgerPart<Contract> {
  /** The ledgers of contacts that were joined. */
  readonly source: ChainSource;
  notices(): readonly Notice[];
}

export interface PeersOptions {
  readonly timing?: Timing;
  readonly patience?: Patience;
}

const headScheme = 'hypha://ledger-head/';

/** Ledgers across the mesh: one's own for contacts, and contacts' for oneself. */
export function createPeers(deps: PeersDeps, options: PeersOptions = {}): Peers {
  const { host, log, emit, home, streams, operators, own, others } = deps;
  const database = openDatabase({ path: joinPath(home, 'ledger', 'peers.db'), migrations: peersMigrations, log });
  const listeners = new Set<() => void>();
  const tell = (): void => emit({ topic: 'ledger', ids: [] });
  const changed = (): void => {
    for (const listener of listeners) listener();
    tell();
  };
  const ledgers = createLedgers({ host, streams, operators }, database, changed, options.timing);
  const letIn = createLetIn(database);
  let stopWatching: readonly (() => void)[] = [];

  const card = (): LedgerCard | null => {
    const [chain, self] = [own.chain(), operators.self()];
    if (chain?.contracts?.credits == null || self === null) return null;
    const { chainId, genesis, contracts } = chain;
    return { chainId, genesis, operator: self.person, contracts } as LedgerCard;
  };
  const served: Served = {
    card() {
      const made = card();
      if (made === null) throw fail('LOCKED', 'Hypha is locked.');
      return made;
    },
    session: own.session,
    head: own.head,
    shown: own.shown,
  };
  const doors = createDoors({
    ...{ host, log, streams, letIn, changed: tell },
    served: () => (own.chain()?.contracts?.credits == null ? null : served),
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });

  const loopback = createLoopbackSwitch({ host, log, database, own });
  const mustRun = (): void => {
    if (own.chain() === null) {
      throw fail('NO_LEDGER', 'You have no ledger of your own here.', { next: 'Open one first: ledger open.' });
    }
  };

  const nameOf = streams.nameOf;
  const shared = (): SharedLedger => {
    const made = card();
    return {
      link: made === null ? null : ledgerLink(made),
      everyone: letIn.everyone(),
      contacts: letIn.contacts().map(({ contact, at }) => ({
        ...{ contact: contactIdSchema.parse(contact), name: nameOf(contact), since: at },
        connected: doors.isConnected(contact),
      })),
    };
  };
  /** Those who were let in may be taken out also when they are no contacts any more. */
  const idsOf = (who: readonly string[], known: readonly string[] = []): string[] =>
    who.map((one) => known.find((id) => id === one.replace(/^@/, '')) ?? streams.contact(one).contact);
  const viewOf = (ledger: ContactLedger) => viewJoined(ledger, nameOf(ledger.joined.contact));
  const theLedger = (ref: ChainRef): ContactLedger => {
    const found = ledgers.find(ref);
    if (found === null) {
      throw fail('NOT_FOUND', 'You have joined no such ledger.', { next: 'See the list: ledger joined.' });
    }
    return found;
  };
  const readHead = (text: string): SignedHead => {
    const bare = text.replace(/\s/g, '');
    const bytes = bare.startsWith(headScheme) ? fromBase64url(bare.slice(headScheme.length)) : null;
    const head = bytes && decodeHead(bytes);
    if (head === null) {
      throw fail('LINK_INVALID', 'This is no head of a ledger, or not all of it.', { next: 'Copy the whole of it.' });
    }
    return head;
  };

  const handlers: Handlers<Contract> = {
    'ledger.shared': shared,
    'ledger.share'({ with: who, everyone }, context) {
      mustRun();
      const [before, all] = [letIn.contacts().map(({ contact }) => contact), letIn.everyone()];
      const fresh = idsOf(who).filter((contact) => !before.includes(contact));
      letIn.add(fresh, host.now());
      if (everyone) letIn.addEveryone(host.now());
      context.undo('ledger.unshare', { with: fresh.map((contact) => `@${contact}`), everyone: everyone && !all });
      doors.settle();
      tell();
      return shared();
    },
    'ledger.unshare'({ with: who, everyone }, context) {
      const [before, all] = [letIn.contacts().map(({ contact }) => contact), letIn.everyone()];
      const gone = idsOf(who, before).filter((contact) => before.includes(contact));
      letIn.remove(gone);
      if (everyone) letIn.removeEveryone();
      context.undo('ledger.share', { with: gone.map((contact) => `@${contact}`), everyone: everyone && all });
      doors.settle();
      tell();
      return shared();
    },
    'ledger.joined': () => ({ ledgers: ledgers.list().map(viewOf) }),
    async 'ledger.join'({ from }, task) {
      const joined = await join(deps, ledgers, from, (key) => task.step(key, stepWords[key]));
      task.undo('ledger.leave', { chain: joined.joined.ref });
      return viewOf(joined);
    },
    'ledger.leave'({ chain }, context) {
      const ledger = theLedger(chain);
      context.undo('ledger.join', { from: `@${ledger.joined.contact}` });
      ledgers.remove(ledger);
      return {};
    },
    'ledger.accept'({ chain }) {
      const ledger = theLedger(chain);
      if (!ledger.heads.accept()) {
        throw fail('NOTHING_TO_ACCEPT', 'This ledger was not put back since you last looked.', {
          meaning: 'Nothing was changed.',
          next: 'See how it stands: ledger joined.',
        });
      }
      return viewOf(ledger);
    },
    'ledger.head'({ chain }) {
      const newest = theLedger(chain).heads.newest();
      if (newest === null) throw new Error('a ledger that was joined has a head');
      return { head: headScheme + toBase64url(encodeHead(newest)), number: newest.head.number };
    },
    async 'ledger.compareHead'({ head: text }) {
      const head = readHead(text);
      const chain = chainRef(head.head.chainId);
      const ledger = theLedger(chain);
      try {
        await ledger.heads.shown(head);
        return { chain, same: true };
      } catch (error) {
        if (isFail(error, 'CHAIN_RESTS')) return { chain, same: false };
        throw inWords(error, ledgers.nameOf(ledger.joined.contact));
      }
    },
    'ledger.rpc': loopback.view,
    async 'ledger.rpcOn'({ port, origins }, context) {
      mustRun();
      await loopback.on(port, origins);
      context.undo('ledger.rpcOff', {});
      tell();
      return loopback.view();
    },
    async 'ledger.rpcOff'(_, context) {
      const { on, origins } = loopback.view();
      await loopback.off();
      if (on) context.undo('ledger.rpcOn', { origins });
      tell();
      return loopback.view();
    },
    'ledger.proofs': () => ({ proofs: ledgers.lies.list().map((lie) => viewLie(lie, nameOf(lie.contact))) }),
    'ledger.checkProof'({ proof: text }) {
      const proof = readProofLink(text);
      if (proof === null) {
        throw fail('LINK_INVALID', 'This is no proof, or not all of it.', { next: 'Copy the whole of it.' });
      }
      if (operators.self() === null) {
        throw fail('LOCKED', 'Hypha is locked.', { next: 'Unlock with your passphrase.' });
      }
      const contact = deps.contactOf(proof.operator);
      const keys = contact === null ? null : operators.keys(contact);
      if (contact === null || keys === null) {
        throw fail('NOT_FOUND', 'Whom this proof is about is no contact of yours.', {
          meaning: 'Without their keys nobody can tell whether they signed it.',
          next: 'Add them as a contact first.',
          data: { person: proof.operator },
        });
      }
      return {
        ...{ person: proof.operator, name: nameOf(contact), chain: chainRef(proof.one.head.chainId) },
        blocks: [proof.one.head.number, proof.other.head.number],
        proves: proves(proof, keys.verify),
      };
    },
  };

  const naming: Naming<Contract> = {
    'ledger.leave': ({ chain }) => named(chain),
    'ledger.accept': ({ chain }) => named(chain),
    'ledger.head': ({ chain }) => named(chain),
  };
  const named = (chain: ChainRef) => {
    const ledger = ledgers.find(chain);
    return ledger === null ? {} : { chain: `of ${ledgers.nameOf(ledger.joined.contact)}` };
  };

  return {
    ...{ handlers, naming },
    source: {
      list: () => ledgers.list().map(({ chain }) => chain),
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    async start() {
      ledgers.start();
      doors.settle();
      await loopback.start();
      stopWatching = [others.onChange(doors.settle), operators.onChange(changed)];
      changed();
    },
    async stop() {
      for (const stop of stopWatching) stop();
      ledgers.stop();
      await doors.stop();
      await loopback.stop();
      database.close();
    },
    notices(): readonly Notice[] {
      const resting = ledgers.list().flatMap(({ heads, joined }) => {
        const rest = heads.rest();
        return rest === null ? [] : [{ code: 'LEDGER_RESTS', text: restText(rest, ledgers.nameOf(joined.contact)) }];
      });
      return database.notice === null ? resting : [database.notice, ...resting];
    },
  };
}

const restText = (...rest: Parameters<typeof restWords>): string => {
  const { text, meaning } = restWords(...rest);
  return `${text} ${meaning}`;
};

const stepWords = {
  ask: 'Ask which ledger it is',
  follow: 'Follow its blocks from the first one on',
  compare: 'Compare the contracts on it with those of Hypha',
} as const;
