import type { NameEntry, NameRecordView } from '#shared/contract/names.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { units } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { NameChain } from './ledgers.ts';
import type { NamesDeps } from './ports.ts';
import { decodeSigned, encodeSigned, isSame, recordBytes, type SignedRecord, signerOf } from './record/record.ts';
import { type Entry, graceSeconds, openRegistry } from './registry.ts';
import type { NameRow, NamesStore } from './store.ts';

export const fullName = (label: string, { shown }: NameChain): string => `${label}.${shown.label}`;

/** Whether somebody could be asked again, so that what was kept is better than nothing. */
const isAway = (error: unknown): boolean =>
  isFail(error, 'CHAIN_UNREACHABLE') || isFail(error, 'CHAIN_RESTS') || isFail(error, 'CHAIN_SAID');

/**
 * Looks names up: asks the ledger who holds it and which record counts, finds the record in it, checks that the owner signed it for this
 * registry, name and sequence, and keeps it for when the ledger does not answer.
 */
export function createResolver(deps: Pick<NamesDeps, 'host' | 'accounts' | 'people' | 'log'>, store: NamesStore) {
  const { host, accounts, people } = deps;

  /** The signed record, if it is what this name's owner signed for this place in the ledger. */
  const checked = async (on: NameChain, label: string, entry: Entry, signed: SignedRecord | null) => {
    if (signed === null || entry.owner === null) return null;
    const { record } = signed;
    const fits =
      record.chain === on.chain.ref &&
      isSame(record.registry, on.registry) &&
      record.label === label &&
      record.sequence === entry.sequence;
    const signer = await signerOf(signed);
    // A name that was given away keeps the record of who had it; it is the new owner's to say whether it still holds.
    return fits && signer !== null && isSame(signer, record.owner) && isSame(signer, entry.owner) ? signed : null;
  };

  const ask = async (on: NameChain, label: string): Promise<NameRow> => {
    const registry = openRegistry(on.chain, on.registry);
    const entry = await registry.lookUp(label);
    const before = store.name(on.chain.ref, on.registry, label);
    const known = before?.signed && before.record === entry.record ? decodeSigned(before.signed) : null;
    const found = entry.record === null ? null : (known ?? (await registry.record(label, entry)));
    const signed = await checked(on, label, entry, found);
    const deposit = entry.owner === null ? await registry.deposit(label) : entry.deposit;
    const row: NameRow = {
      ...{ chain: on.chain.ref, registry: on.registry, label, owner: entry.owner },
      ...{ expires: entry.expires, sequence: entry.sequence, record: entry.record, deposit: String(deposit) },
      ...{ seen_at: host.now(), signed: signed && encodeSigned(signed) },
    };
    store.saveName(row);
    return row;
  };

  const viewRecord = ({ record, person: signature }: SignedRecord): NameRecordView => {
    const { sequence, at, mesh, wallet, services, person } = record;
    const checkedBy =
      person !== undefined && signature !== null ? people.check(person, recordBytes(record), signature) : null;
    // Anybody can write somebody's id into a record: without their own signature it counts for nothing.
    const isFalse = person !== undefined && (signature === null || checkedBy?.holds === false);
    const is = checkedBy === null ? 'claimed' : person === people.me() ? 'me' : 'proven';
    return {
      ...{ sequence, signedAt: at, mesh, wallet: wallet ?? null, services },
      person:
        person === undefined || isFalse
          ? null
          : { id: person, is, contact: is === 'proven' ? (checkedBy?.contact ?? null) : null },
    };
  };

  const view = (on: NameChain, row: NameRow, isKept: boolean): NameEntry => {
    const now = isKept ? host.now() / 1_000 : row.seen_at / 1_000;
    const signed = row.signed === null ? null : decodeSigned(row.signed);
    const { coin, free } = on.chain;
    // After its grace a ledger says that nobody holds it; what is only kept cannot know whether somebody does.
    const state =
      row.owner === null
        ? 'free'
        : now <= row.expires
          ? 'held'
          : now <= row.expires + graceSeconds
            ? 'grace'
            : 'unknown';
    const pointsTo = row.record === null || row.owner === null ? 'none' : signed === null ? 'unreadable' : 'current';
    return {
      ...{ label: row.label, full: fullName(row.label, on), ledger: on.shown, state },
      mine: row.owner !== null && accounts.list().some((own) => isSame(own, row.owner ?? '')),
      owner: row.owner,
      expiresAt: row.owner === null ? null : row.expires * 1_000,
      deposit: units(BigInt(row.deposit)),
      depositText: coin === null || free ? null : `${formatAmount(BigInt(row.deposit), coin.decimals)} ${coin.symbol}`,
      // What ran out stands for nobody any more.
      record: signed !== null && state === 'held' ? viewRecord(signed) : null,
      recordState: isKept ? 'kept' : pointsTo,
      seenAt: row.seen_at,
    };
  };

  const nothing = (on: NameChain, label: string): NameEntry => ({
    ...{ label, full: fullName(label, on), ledger: on.shown, state: 'unknown', mine: false, owner: null },
    ...{ expiresAt: null, deposit: units(0n), depositText: null, record: null, recordState: 'none', seenAt: null },
  });

  return {
    /** By the ledger. @throws Fail of the chain */
    fresh: async (on: NameChain, label: string): Promise<NameEntry> => view(on, await ask(on, label), false),
    /** By the ledger, or by what it said last. */
    async look(on: NameChain, label: string): Promise<NameEntry> {
      try {
        return view(on, await ask(on, label), false);
      } catch (error) {
        if (!isAway(error)) throw error;
        const kept = store.name(on.chain.ref, on.registry, label);
        return kept === null ? nothing(on, label) : view(on, kept, true);
      }
    },
    /** What is kept, without asking anybody. */
    kept: (on: NameChain, row: NameRow): NameEntry => view(on, row, true),
  };
}
export type Resolver = ReturnType<typeof createResolver>;
