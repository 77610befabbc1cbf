import type { Hex } from 'viem';
import type { Handlers } from '#core/broker/handlers.ts';
import { toBase64url } from '#core/crypto/encoding.ts';
import type { Receipt } from '#core/evm/accounts.ts';
import type { namesRegistryContract } from '#shared/contract/names/registry.ts';
import type { NameEntry, Registration } from '#shared/contract/names.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { type EvmAddress, units } from '#shared/model/evm.ts';
import { failures } from './failures.ts';
import type { Held } from './held.ts';
import { normalLabel, splitName } from './label.ts';
import { meant, type NameChain, nameChains, theOne } from './ledgers.ts';
import type { NamesDeps } from './ports.ts';
import {
  encodeSigned,
  isSame,
  type NameRecord,
  putBehind,
  recordBytes,
  recordHash,
  recordTypedData,
} from './record/record.ts';
import type { createRegistering } from './registering.ts';
import { calls, openRegistry, refusal } from './registry.ts';
import { fullName, type Resolver } from './resolver.ts';
import type { NamesStore, RegistrationRow } from './store.ts';

/** Names that may be being taken at once. */
const mostUnderWay = 50;
const daySeconds = 86_400;

interface Parts {
  readonly deps: NamesDeps;
  readonly store: NamesStore;
  readonly resolver: Resolver;
  readonly held: Held;
  readonly registering: ReturnType<typeof createRegistering>;
}

/** A label and the ledger that was named with it, if one was. @throws Fail BAD_NAME */
function labelOf(name: string, ledger: string | undefined): { readonly label: string; readonly ledger: string | null } {
  // Without a ledger of its own, what stands behind the point is one.
  const parts = ledger === undefined ? splitName(name) : { name, ledger };
  const outcome = normalLabel(parts.name);
  if (!outcome.ok) throw failures.badName(parts.name.slice(0, 80), outcome.why);
  return { label: outcome.label, ledger: parts.ledger };
}

export function registryHandlers({
  deps,
  store,
  resolver,
  held,
  registering,
}: Parts): Handlers<typeof namesRegistryContract> {
  const { accounts, chains, people, host, emit } = deps;
  const changed = (label: string): void => emit({ topic: 'names', ids: [label] });

  const one = (name: string, ledger: string | undefined) => {
    const wanted = labelOf(name, ledger);
    return { label: wanted.label, on: theOne(chains, wanted.ledger) };
  };

  const viewOf = (row: RegistrationRow, on: NameChain): Registration => ({
    ...{ id: row.id, label: row.label, full: fullName(row.label, on), ledger: on.shown, state: row.state },
    ...{ startedAt: row.started_at, readyAt: row.ready_at, trouble: row.trouble, transaction: row.tx },
  });

  const coinText = (on: NameChain, amount: bigint): string | null =>
    on.chain.coin === null ? null : `${formatAmount(amount, on.chain.coin.decimals)} ${on.chain.coin.symbol}`;

  /** Which of the person's accounts holds a name. @throws Fail NOT_YOURS, NO_ACCOUNT */
  const ownerOf = (entry: NameEntry): EvmAddress => {
    if (accounts.list().length === 0) throw failures.noAccount();
    if (!entry.mine || entry.owner === null) throw failures.notYours(entry.full);
    return entry.owner;
  };

  /** Send a change from the account that holds the name, and wait until it counts. */
  const change = async (
    on: NameChain,
    label: string,
    about: string,
    what: (entry: NameEntry) => Hex | Promise<Hex>,
  ) => {
    const entry = await resolver.fresh(on, label);
    const from = ownerOf(entry);
    const receipt = await send(on, from, await what(entry), about);
    if (!receipt.ok) throw failures.refused();
    changed(label);
    return resolver.fresh(on, label);
  };
  const send = async (on: NameChain, from: EvmAddress, data: Hex, about: string): Promise<Receipt> => {
    const key = `names/${toBase64url(host.random(16))}`;
    const hash = await accounts.send({ chain: on.chain.ref, from, to: on.registry, data, key, about });
    return accounts.settled(on.chain.ref, hash);
  };

  const lastOwner = async (on: NameChain, label: string): Promise<EvmAddress | null> => {
    const registry = openRegistry(on.chain, on.registry);
    for (const account of accounts.list()) {
      const may = await registry.attempt(account, calls.release(label), 0n).then(
        () => true,
        (error: unknown) => {
          if (refusal(error) === 'NotOwner') return false;
          throw error;
        },
      );
      if (may) return account;
    }
    return null;
  };

  return {
    async 'names.look'({ name, ledger }) {
      const wanted = labelOf(name, ledger);
      const found = await Promise.all(meant(chains, wanted.ledger).map((on) => resolver.look(on, wanted.label)));
      const mine = store
        .names()
        .filter(({ owner }) => accounts.list().some((own) => isSame(own, owner ?? '')))
        .map(({ label }) => label);
      const skeleton = people.skeleton(wanted.label);
      const looksLike = [...mine, ...people.petnames()].find(
        (other) => people.skeleton(other) === skeleton && !isSame(other, wanted.label),
      );
      const typed = ledger === undefined ? splitName(name).name : name;
      return { label: wanted.label, changed: typed.trim() !== wanted.label, looksLike: looksLike ?? null, found };
    },

    async 'names.list'() {
      const all = nameChains(chains);
      const registrations = store.registrations().flatMap((row) => {
        const on = all.find(({ chain, registry }) => chain.ref === row.chain && registry === row.registry);
        return on === undefined ? [] : [viewOf(row, on)];
      });
      const owed = all.map(async (on) => {
        const registry = openRegistry(on.chain, on.registry);
        const amounts = await Promise.all(accounts.list().map((own) => registry.owed(own))).catch(() => []);
        const amount = amounts.reduce((sum, each) => sum + each, 0n);
        return { ledger: on.shown, amount: units(amount), amountText: coinText(on, amount) };
      });
      const sums = await Promise.all(owed);
      return { names: [...(await held.list())], registrations, owed: sums.filter(({ amount }) => amount !== '0') };
    },

    async 'names.register'({ name, ledger, days }, { undo }) {
      const { label, on } = one(name, ledger);
      const owner = accounts.main();
      if (owner === null) throw failures.noAccount();
      const entry = await resolver.fresh(on, label);
      if (entry.mine) throw failures.yours(entry.full);
      if (entry.state === 'held' || entry.state === 'grace') throw failures.taken(entry.full, entry.expiresAt);
      const underWay = store.registrations().filter(({ state }) => state !== 'done' && state !== 'failed');
      if (underWay.some((row) => row.label === label && row.chain === on.chain.ref))
        throw failures.underWay(entry.full);
      if (underWay.length >= mostUnderWay) throw failures.tooMany(mostUnderWay);
      const row = registering.begin({
        ...{ id: toBase64url(host.random(16)), chain: on.chain.ref, registry: on.registry, label, owner },
        ...{ term: days * daySeconds, started_at: host.now() },
      });
      undo('names.forgo', { registration: row.id });
      return viewOf(row, on);
    },

    'names.forgo'({ registration }) {
      const row = store.registration(registration);
      if (row === null) throw failures.noRegistration();
      if (!registering.forgo(row)) throw failures.tooLate(row.label);
      return {};
    },

    async 'names.renew'({ name, ledger, days }) {
      const { label, on } = one(name, ledger);
      const term = days * daySeconds;
      return change(on, label, `Hold the name ${label} longer`, async ({ expiresAt }) => {
        const now = await openRegistry(on.chain, on.registry).time();
        if (expiresAt !== null && expiresAt >= (now + term) * 1_000) throw failures.termShort(expiresAt);
        return calls.renew(label, BigInt(term));
      });
    },

    async 'names.publish'({ name, ledger, person, mesh, wallet, services }) {
      const { label, on } = one(name, ledger);
      const address = mesh ? deps.meshAddress() : null;
      if (mesh && address === null) throw failures.meshOff();
      return change(on, label, `Publish what the name ${label} points to`, async (entry) => {
        const owner = ownerOf(entry);
        const self = people.self();
        if (person && self === null) throw failures.noAccount();
        const { sequence } = await openRegistry(on.chain, on.registry).lookUp(label);
        const record: NameRecord = {
          ...{ v: 1, type: 'hypha-name-record', chain: on.chain.ref, registry: on.registry, label, owner },
          ...{ sequence: sequence + 1, at: host.now(), mesh: address === null ? [] : [address], services },
          ...(person && self !== null ? { person: self.person as NonNullable<NameRecord['person']> } : {}),
          ...(wallet ? { wallet: owner } : {}),
        };
        const signature = (await accounts.signTypedData(owner, recordTypedData(record))).toLowerCase() as Hex;
        const signed = {
          record,
          owner: signature,
          person: person && self !== null ? self.sign(recordBytes(record)) : null,
        };
        return putBehind(calls.setRecord(label, record.sequence, recordHash(record)), encodeSigned(signed));
      });
    },

    async 'names.transfer'({ name, ledger, to }) {
      const { label, on } = one(name, ledger);
      return change(on, label, `Give the name ${label} away`, () => calls.transfer(label, to));
    },

    async 'names.release'({ name, ledger }) {
      const { label, on } = one(name, ledger);
      const about = `Give the name ${label} up`;
      const entry = await resolver.fresh(on, label);
      // After its grace it is nobody's to look at, but its deposit lies there for who had it until somebody takes the name.
      const before = entry.state === 'free' ? await lastOwner(on, label) : null;
      if (before === null) return change(on, label, about, () => calls.release(label));
      if (!(await send(on, before, calls.release(label), about)).ok) throw failures.refused();
      changed(label);
      return resolver.fresh(on, label);
    },

    async 'names.withdraw'({ ledger }) {
      const on = theOne(chains, ledger ?? null);
      if (accounts.list().length === 0) throw failures.noAccount();
      const registry = openRegistry(on.chain, on.registry);
      let [amount, transaction] = [0n, null as Receipt['hash'] | null];
      for (const account of accounts.list()) {
        const owed = await registry.owed(account);
        if (owed === 0n) continue;
        const receipt = await send(on, account, calls.withdraw(), 'Bring back what lay there for names');
        if (!receipt.ok) continue;
        amount += owed;
        transaction = receipt.hash;
      }
      changed('');
      return { amount: units(amount), transaction };
    },
  };
}
