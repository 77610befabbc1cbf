import { hostname } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type AgentContract, agentContract } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { createActivity } from './broker/activity.ts';
import { approvalsMigration, createApprovals } from './broker/approvals.ts';
import { brokerChecks, brokerNaming } from './broker/before-asking.ts';
import { type Broker, createBroker } from './broker/broker.ts';
import { createFault } from './broker/fault.ts';
import type { Caller, Handlers } from './broker/handlers.ts';
import { createJournal, journalMigration, journalUndoesMigration } from './broker/journal.ts';
import { createMandates, mandatesMigration } from './broker/mandates.ts';
import { selfTestAside } from './crypto/self-test-aside.ts';
import { createDeals, longestLetter } from './deals/index.ts';
import { createEventHub } from './diagnostics/event-hub.ts';
import type { Host, Logger } from './host.ts';
import { createContacts } from './identity/contacts/index.ts';
import { looksLike } from './identity/contacts/petname.ts';
import { createIdentity } from './identity/index.ts';
import { createOwnDevices } from './identity/own-devices.ts';
import { createPairing } from './identity/pairing/index.ts';
import { createSealedLetters } from './identity/sealed-letters.ts';
import { createSealing, verifyHybrid } from './identity/sealing.ts';
import { onKeysChange } from './identity/who-is-in.ts';
import { createLedger } from './ledger/index.ts';
import { createMachines } from './machines/index.ts';
import { parseAddress } from './mesh/identity/ipv6-text.ts';
import { createMesh } from './mesh/index.ts';
import { createNames } from './names/index.ts';
import { namePeople } from './names/people.ts';
import { createPreferences } from './settings/preferences.ts';
import { openSettings } from './settings/settings.ts';
import { openDatabase } from './store/database.ts';
import { createSystem, type WebSessions } from './system.ts';
import { createTaskHandlers } from './tasks/handlers.ts';
import { createTasks, tasksMigration } from './tasks/tasks.ts';
import { createVault } from './vault/index.ts';
import { createWallet } from './wallet/index.ts';
import { createProvider } from './wallet/provider/index.ts';
import { createReview } from './wallet/review/index.ts';
import { createKnown } from './wallet/review/known.ts';

export interface AgentConfig {
  /** The data directory, owned by this process alone. */
  home: string;
  version: string;
  log: Logger;
  /** Called once when somebody allowed asked the agent to stop. */
  onStopRequested: () => void;
  /** Make a one-time URL of the interface; left out where the interface is a window. */
  link?: () => string;
  /** The browsers that may use the web page; left out where there is none. */
  sessions?: WebSessions;
}

export interface Agent {
  readonly dispatcher: Dispatcher<Caller>;
  start(): Promise<void>;
  /** Flush and release everything. Machines go on. */
  stop(): Promise<void>;
}

/** How long running tasks get to come to rest when the agent stops. */
const stopDeadlineMs = 10_000;

/** The composition root: makes every part and hands each what it needs. Nothing else happens here. */
export async function createAgent(host: Host, config: AgentConfig): Promise<Agent> {
  const { home, log } = config;
  const events = createEventHub();
  const { emit } = events;
  const store = openDatabase({
    path: join(home, 'agent.db'),
    migrations: [
      `${approvalsMigration} ${mandatesMigration} ${journalMigration} ${tasksMigration}`,
      journalUndoesMigration,
    ],
    log,
  });
  const settings = await openSettings(home, emit, log);
  const fault = createFault({ host, log });
  const tasks = createTasks({ store, host, emit, fault });
  const journal = createJournal({ store, host, emit });
  const approvals = createApprovals({ store, host, emit });
  const mandates = createMandates({ store, host, emit, contract: agentContract });

  const worksWhileLocked = ['mesh', 'machines'] as const;
  const identity = createIdentity({
    host,
    log,
    emit,
    directory: join(home, 'identity'),
    deviceName: hostname(),
    worksWhileLocked,
    atWork: () => tasks.atWork((method) => !worksWhileLocked.some((domain) => method.startsWith(`${domain}.`))),
  });
  const contacts = createContacts({ host, log, emit, directory: join(home, 'identity'), owner: identity });
  const pairing = createPairing({ host, log, emit, identity, deviceName: hostname() });
  const vault = createVault({
    host,
    log,
    emit,
    home,
    keys: {
      root: () => identity.personKeys()?.vaultRoot ?? null,
      exist: () => identity.person() !== null,
      onChange: (changed) => onKeysChange(identity, changed),
    },
    search: {},
    preferences: createPreferences(settings, () => identity.person()?.name),
    rootOf: identity.vaultRootOf,
    mesh: {
      keep: (who) => mesh.offers.keep(who),
      show: (kept) => mesh.offers.show(kept),
      offer: (...what) => mesh.offers.offer(...what),
      withdraw: (offer) => mesh.offers.withdraw(offer),
      address: () => mesh.offers.address(),
    },
    sharing: {
      people: createSealing('share-letter', identity, contacts),
      letters: {
        send: (contact, letter) => mesh.letters.send(contact, letter),
        onLetter: (take) => mesh.letters.onLetter(take),
      },
      ways: {
        offer: (...what) => mesh.offers.offer(...what),
        withdraw: (offer) => mesh.offers.withdraw(offer),
        open: (device, port) => mesh.passages.open(device, port),
      },
    },
    ownDevices: {
      people: createOwnDevices('vault-devices', identity),
      streams: {
        dial: async (device, port, signal) => (await mesh.streams.dial([device], port, signal)).stream,
        listen: (...what) => mesh.streams.listenOwn(...what),
      },
    },
    streams: {
      contact: (who) => mesh.streams.contact(who),
      nameOf: (contact) => mesh.streams.nameOf(contact),
      say: (who) => mesh.streams.say(who),
      dial: (...where) => mesh.streams.dial(...where),
      listen: (port, accept) => mesh.streams.listen(port, accept, true),
    },
  });
  const mesh = createMesh({
    host,
    log,
    emit,
    home,
    clock: () => performance.now(),
    keys: {
      secret: () => identity.deviceKeys()?.keys.mesh ?? null,
      onChange: (changed) => identity.onChange(changed),
    },
    people: { ...contacts, machine: (name, owner) => (owner === null ? addressOfMachine(name) : null) },
    person: () => identity.person()?.id ?? null,
    isLocked: () => !identity.isUnlocked(),
  });
  const machines = createMachines({
    ...{ host, log, emit, home },
    settings: { qemuPath: () => settings.get().qemuPath },
    mesh: mesh.machines,
  });

  const ledger = createLedger({
    ...{ host, log, emit, home },
    signer: createSealing('ledger-head', identity, contacts),
    people: {
      operators: createSealing('ledger-head', identity, contacts),
      streams: mesh.streams,
      contactOf: (person) =>
        contacts.peers().find(({ contact }) => contacts.keyLog(contact)?.person === person)?.contact ?? null,
    },
    accounts: {
      list: () => wallet.accounts.list(),
      main: () => wallet.accounts.main(),
      signTypedData: (...what) => wallet.accounts.signTypedData(...what),
      send: (what) => wallet.accounts.send(what),
      nonce: (...what) => wallet.accounts.nonce(...what),
      settled: (...what) => wallet.accounts.settled(...what),
      onChange: (changed) => wallet.accounts.onChange(changed),
    },
    safe: vault.files,
    person: () => identity.person()?.name ?? null,
  });
  const wallet = createWallet({
    ...{ host, log, emit, home },
    keys: {
      account: identity.wallet,
      seal: () => identity.personKeys()?.wallet ?? null,
      onChange: (changed) => onKeysChange(identity, changed),
    },
    chains: ledger.chains,
    people: { find: contacts.find, nameOf: (contact) => contacts.about(contact)?.petname ?? null },
  });

  const { accounts, sentTo } = wallet;
  const { chains } = ledger;
  const review = createReview({
    ...{ host, chains, accounts },
    book: createKnown({ accounts, chains, sentTo, people: wallet.people }),
  });
  const names = createNames({
    ...{ host, log, emit, home },
    ...{ chains, accounts },
    people: namePeople({
      signing: createSealing('name-record', identity, contacts),
      own: {
        verify: (bytes, signature) => {
          const keys = identity.self()?.log.keys;
          return keys === undefined ? null : verifyHybrid('name-record', bytes, signature, keys);
        },
      },
      contacts: () => contacts.peers().map(({ contact }) => contact),
      nameOf: (contact) => contacts.about(contact)?.petname ?? null,
      me: () => identity.person()?.id ?? null,
      skeleton: looksLike,
    }),
    meshAddress: () => mesh.offers.address(),
  });

  const sites = await createProvider({
    ...{ host, log, emit, home, chains, accounts },
    reviewer: review.reviewer,
    signMessage: wallet.signMessage,
    invoke: (caller, ...call) => broker.invoke(caller, ...call).finally(() => broker.disconnected(caller)),
  });

  const dealPeople = createSealing('deal-letter', identity, contacts);
  const deals = createDeals({
    ...{ host, log, emit, home, chains: ledger.chains, accounts: wallet.accounts },
    people: {
      self: () => dealPeople.self()?.person ?? null,
      find: contacts.find,
      nameOf: (contact) => contacts.about(contact)?.petname ?? null,
      personOf: (contact) => dealPeople.keys(contact)?.person ?? null,
      addressOf: (contact) => wallet.people().find((one) => one.contact === contact)?.address ?? null,
      contactOf: (address) =>
        wallet.people().find((one) => one.address.toLowerCase() === address.toLowerCase())?.contact ?? null,
    },
    letters: createSealedLetters({
      ...{ purpose: 'deal', people: dealPeople, letters: mesh.dealLetters, random: host.random, most: longestLetter },
    }),
  });

  /** Those of this computer; a contact's are known to nobody but the contact. */
  const addressOfMachine = (name: string): Uint8Array[] | null => {
    const address = parseAddress(machines.meshAddress(name) ?? '');
    return address === null ? null : [address];
  };

  const isLocked = () => !identity.isUnlocked();

  const handlers = {
    ...createSystem({
      host,
      home,
      version: config.version,
      settings,
      events,
      selfTest: selfTestAside(),
      notices: () =>
        [
          store.notice,
          mandates.notice,
          settings.notice,
          ...identity.notices(),
          ...contacts.notices(),
          ...vault.notices(),
          ...mesh.notices(),
          ...wallet.notices(),
          ...deals.notices(),
          ...ledger.notices(),
          ...names.notices(),
        ].filter((n) => n !== null),
      requestStop: config.onStopRequested,
      onPerson: identity.touch,
      link: config.link,
      sessions: config.sessions,
    }),
    ...createTaskHandlers({ tasks, contract: agentContract, isLocked }),
    ...createActivity({
      contract: agentContract,
      journal,
      approvals,
      mandates,
      broker: () => broker,
      isLocked,
    }),
    ...identity.handlers,
    ...contacts.handlers,
    ...pairing.handlers,
    ...vault.handlers,
    ...machines.handlers,
    ...mesh.handlers,
    ...wallet.handlers,
    ...review.handlers,
    ...sites.handlers,
    ...deals.handlers,
    ...ledger.handlers,
    ...names.handlers,
  } satisfies Handlers<AgentContract>;

  const own = { contract: agentContract as Contract, journal, mandates, tasks };
  const broker: Broker = createBroker({
    contract: agentContract as Contract,
    handlers,
    host,
    tasks,
    journal,
    approvals,
    mandates,
    fault,
    checks: {
      ...brokerChecks(own),
      ...identity.checks,
      ...contacts.checks,
      ...vault.checks,
      ...machines.checks,
      ...mesh.checks,
      ...wallet.checks,
      ...review.checks,
      ...sites.checks,
      ...deals.checks,
      ...ledger.checks,
    },
    naming: {
      ...brokerNaming(own),
      ...identity.naming,
      ...contacts.naming,
      ...vault.naming,
      ...machines.naming,
      ...mesh.naming,
      ...wallet.naming,
      ...review.naming,
      ...sites.naming,
      ...deals.naming,
      ...ledger.naming,
      ...names.naming,
    },
    onPerson: identity.touch,
  });

  const keepCopy = (): Promise<void> =>
    store.keepCopy().catch((error: unknown) => log.warn({ error }, 'the copy of the database was not refreshed'));

  // In this order they start, and in the reverse they stop.
  const domains = [identity, contacts, pairing, vault, mesh, machines, ledger, wallet, review, names, deals, sites];
  return {
    dispatcher: {
      ...broker,
      disconnected(caller) {
        broker.disconnected(caller);
        vault.disconnected(caller.connection);
      },
    },
    async start() {
      for (const domain of domains) await domain.start();
      // Nobody waits for it: a large log takes its time to copy.
      void keepCopy();
    },
    async stop() {
      approvals.stop();
      await tasks.stop(stopDeadlineMs);
      for (const domain of domains.toReversed()) {
        // One that cannot stop in order keeps neither the others nor the log from it.
        await domain.stop().catch((error: unknown) => log.error({ error }, 'a domain did not stop in order'));
      }
      journal.catchUp();
      await keepCopy();
      store.close();
    },
  };
}
