import { join } from 'node:path';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { openDatabase } from '#core/store/database.ts';
import type { meshContract } from '#shared/contract/mesh/index.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { EngineThread } from './engine/engine-thread.ts';
import type { EngineConfig, EngineStatus } from './engine/protocol.ts';
import { createNodeIdentity } from './identity/node-identity.ts';
import { mailboxMigrations } from './mailbox/index.ts';
import { supportsPrivateNetworks } from './node/private-network.ts';
import { type AgentLetters, createAgentLetters, dealTopic, shareTopic } from './service/agent-letters.ts';
import { meshChecks, meshNaming } from './service/before-asking.ts';
import { createCardExchange } from './service/card-exchange.ts';
import { createNodeHandlers } from './service/handlers.ts';
import { createHttpApiSwitch } from './service/http-api-switch.ts';
import { createKeeper } from './service/keeper.ts';
import { createKnown } from './service/known.ts';
import { answersAt } from './service/loopback-probe.ts';
import { createMachinesKeeper, type MachinesOnMesh } from './service/machines.ts';
import { createMessageHandlers } from './service/message-handlers.ts';
import { createNameServerSwitch } from './service/name-server-switch.ts';
import { createNodeView } from './service/node-view.ts';
import { createOffers, type Offers } from './service/offers.ts';
import { createOpenings } from './service/openings.ts';
import { createPassages, type Passages } from './service/passages.ts';
import { createPeers } from './service/peers.ts';
import type { MeshDeps, Names } from './service/ports.ts';
import { createPost, type Self } from './service/post.ts';
import { createRelays } from './service/relays.ts';
import { createSamples, sampleMs } from './service/samples.ts';
import { createSessions } from './service/sessions.ts';
import { statusOf } from './service/status.ts';
import { createMeshStore, meshMigrations } from './service/store.ts';
import { createStreams, type Streams } from './service/streams.ts';
import { createTargets } from './service/targets.ts';
import { createTopicList } from './service/topic-list.ts';
import { hostMtu } from './session/mtu.ts';

export type { MeshDeps, People } from './service/ports.ts';

export interface Mesh {
  readonly handlers: Handlers<typeof meshContract>;
  readonly checks: Checks<typeof meshContract>;
  readonly naming: Naming<typeof meshContract>;
  /** Start the node, where the person has joined. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The switch that joins this computer's machines with the mesh. */
  readonly machines: MachinesOnMesh;
  /** For parts of Hypha that offer something of their own. */
  readonly offers: Offers;
  /** For parts of Hypha that ask a device of somebody's. */
  readonly passages: Passages;
  /** What the Hyphas of contacts write to each other about what they share. */
  readonly letters: Pick<AgentLetters, 'send' | 'onLetter'>;
  /** And about deals. */
  readonly dealLetters: Pick<AgentLetters, 'send' | 'onLetter'>;
  /** For parts of Hypha that talk with their like at contacts. */
  readonly streams: Streams;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

/** The mesh domain: this device's node, services across the mesh. */
export function createMesh(deps: MeshDeps): Mesh {
  const { host, log, emit, home } = deps;
  const known = createKnown(deps.people);
  const names: Names = known;
  const database = openDatabase({ path: join(home, 'mesh.db'), migrations: meshMigrations, log });
  const store = createMeshStore(database);
  const targets = createTargets(names, deps.isLocked);
  const samples = createSamples();
  const changed = (): void => emit({ topic: 'mesh', ids: [] });
  const letters = openDatabase({ path: join(home, 'mailbox.db'), migrations: mailboxMigrations, log });
  const topics = createTopicList({ database, names, targets, strangers: () => store.settings().strangers });
  const exchange = createCardExchange({
    ...{ cards: deps.people, person: deps.person, clock: deps.clock, log },
    setTimer: host.setTimer,
  });
  const lettersUnder = (topic: Uint8Array): AgentLetters =>
    createAgentLetters({
      ...{ topic, log, setTimer: host.setTimer },
      addresses: (contact) => names.contact(contact)?.addresses ?? [],
    });
  const shareLetters = lettersUnder(shareTopic);
  const dealLetters = lettersUnder(dealTopic);
  const post = createPost({
    opened(mailbox, signal) {
      exchange.serve(mailbox, signal);
      shareLetters.serve(mailbox, signal);
      dealLetters.serve(mailbox, signal);
    },
    ...{ host, log, names, topics, changed, own: database },
    database: letters,
    clock: deps.clock,
    transmit: (destination, payload) => running()?.send(destination, payload),
  });
  let cancelSample: (() => void) | null = null;
  let stopListening = (): void => {};
  let stopWatching = (): void => {};
  let supported: Promise<boolean> | null = null;

  const wanted = (): EngineConfig | null => {
    const secret = deps.keys.secret();
    const settings = store.settings();
    if (!settings.joined || secret === null) return null;
    const key = settings.privateNetwork === '' ? null : store.privateKey();
    if (settings.privateNetwork !== '' && key === null) {
      throw fail('KEY_MISSING', `The key of the private network ${settings.privateNetwork} is missing.`, {
        next: 'Give its name and key again, or go back to the public mesh.',
      });
    }
    return {
      secret,
      listen: settings.listen ? { host: '::', port: settings.port, instead: store.otherPort() } : null,
      discovery: settings.discovery && settings.listen,
      privateNetwork: key === null ? null : { name: settings.privateNetwork, key },
      answerPings: settings.answerPings,
    };
  };

  /** Peers find this node where it was the last time. */
  const keepPort = (listening: number | null): void => {
    if (listening === null) return;
    const { port } = store.settings();
    if (port === 0) store.change({ port: listening });
    else if (port !== listening) {
      try {
        store.keepOtherPort(listening);
      } catch (error) {
        log.warn({ error }, 'the port that is used instead of the taken one could not be kept');
      }
    }
  };

  const keeper = createKeeper({
    log,
    now: host.now,
    setTimer: host.setTimer,
    wanted,
    events: {
      delivered: post.receive,
      session: (publicKey, established) => sessions.event(publicKey, established),
      undelivered() {},
      changed() {
        post.tryAgain();
        changed();
      },
      accepted: (...call) => streams.accepted(...call),
      resolve: async (name) => targets.addresses(name),
    },
    async prepare(thread) {
      await sessions.tell(thread);
      await thread.call.block(names.blocked());
    },
    async onStart(thread, { listening }) {
      keepPort(listening);
      samples.reset();
      await peers.dial(thread);
      await relays.openAll(thread);
      await streams.openAll(thread);
      await machines.attachAll(thread);
      post.tryAgain();
      sample();
    },
    onChange() {
      if (keeper.state().kind !== 'on') cancelSample?.();
      changed();
      if (machines.some()) emit({ topic: 'machines', ids: [] });
    },
  });
  const running = (): EngineThread | null => {
    const state = keeper.state();
    return state.kind === 'on' ? state.thread : null;
  };
  const peers = createPeers({
    store,
    samples,
    now: host.now,
    running,
    pick: (n) => (((host.random(1)[0] ?? 0) << 8) | (host.random(1)[0] ?? 0)) % n,
  });
  const sessions = createSessions({ store, names, running, changed });
  const nameServer = createNameServerSwitch({ store, host, log, lookup: known.book });
  const relays = createRelays({
    ...{ host, store, targets, running },
    answersAt: (port) => answersAt(port, host.setTimer),
  });
  const streams = createStreams({
    ...{ names, targets, log, running },
    people: deps.people,
  });
  /** The /64 is the device's for as long as it has its key. */
  let lan: { readonly secret: Uint8Array; readonly subnet: Uint8Array } | null = null;
  const machines = createMachinesKeeper({
    ...{ log, mtu: hostMtu, running },
    openings: createOpenings({ names, targets }),
    subnet() {
      const secret = deps.keys.secret();
      if (secret === null || !store.settings().joined) return null;
      if (lan === null || !equalBytes(lan.secret, secret)) {
        lan = { secret, subnet: createNodeIdentity(secret, host.random).subnet.bytes };
      }
      return lan.subnet;
    },
  });

  const engineStatus = async (): Promise<EngineStatus | null> => {
    try {
      return (await running()?.call.status()) ?? null;
    } catch {
      // It ended while it was asked.
      return null;
    }
  };

  /** Count what went by, and look after the public peers, as long as the node runs. */
  const sample = (): void => {
    cancelSample?.();
    cancelSample = host.setTimer(sampleMs, async () => {
      const thread = running();
      const status = await engineStatus();
      if (thread === null || status === null || running() !== thread) return;
      samples.take(deps.clock(), host.now(), status);
      await peers
        .tend(thread, status)
        .catch((error: unknown) => log.warn({ error }, 'public peers were not looked after'));
      if (running() === thread) sample();
    });
  };

  /** Who this node is, whether it runs or not; null before an identity exists. */
  const self = (): Self | null => {
    const secret = deps.keys.secret();
    return secret === null ? null : createNodeIdentity(secret, host.random);
  };
  const api = createHttpApiSwitch({
    store,
    log,
    self,
    node: createNodeView({
      self,
      thread: keeper.thread,
      added: store.peers,
      startedAt() {
        const state = keeper.state();
        return state.kind === 'on' ? state.since : null;
      },
    }),
    mailbox: {
      send: (message) => post.mailbox().send(message),
      status: (id) => post.mailbox().status(id),
      borrow: (wanted, options) => post.mailbox().borrow(wanted, options),
      peek: (wanted, options) => post.mailbox().peek(wanted, options),
      topicOf: (id, address) => post.mailbox().topicOf(id, address),
    },
  });

  const unlocked = (): void => {
    if (deps.isLocked()) {
      throw fail('LOCKED', 'Hypha is locked.', {
        meaning: 'The mesh node goes on; letters, passwords and who may connect are the person’s.',
        next: 'Unlock with your passphrase.',
      });
    }
  };

  const privateNetworks = (): Promise<boolean> => {
    supported ??= supportsPrivateNetworks(host.random);
    return supported;
  };

  const status = async () => {
    const secret = deps.keys.secret();
    return statusOf({
      state: keeper.state(),
      engine: await engineStatus(),
      store,
      hasIdentity: secret !== null,
      privateNetworks: await privateNetworks(),
      self: self(),
    });
  };

  const quietly = (work: Promise<unknown>, what: string): void =>
    void work.catch((error: unknown) => log.error({ error }, what));

  /** Contacts, or the person's own devices, which are names too. */
  const peopleChanged = (): void => {
    known.changed();
    exchange.changed();
    post.peopleChanged();
    streams.peopleChanged();
    quietly(sessions.tell(), 'the mesh node was not told who speaks in sessions');
    quietly(relays.namesChanged(), 'offers were not opened anew after people changed');
    quietly(machines.namesChanged(), 'openings of machines were not changed after people changed');
    // What waits for somebody who was let in again goes at once.
    const told = running()?.call.block(names.blocked()).then(post.tryAgain) ?? Promise.resolve();
    quietly(told, 'the mesh node was not told who is blocked');
    changed();
    // Openings of machines are shown with names.
    emit({ topic: 'machines', ids: [] });
  };

  return {
    checks: meshChecks({ relays, targets, peers, post }),
    naming: meshNaming({ relays, targets, post }),
    handlers: {
      ...createMessageHandlers({
        ...{ post, topics, targets, api, changed, unlocked },
        strangers: () => store.settings().strangers,
      }),
      ...createNodeHandlers({
        ...{
          store,
          keeper,
          peers,
          relays,
          nameServer,
          sessions,
          samples,
          targets,
          names,
          running,
          engineStatus,
          status,
          changed,
          privateNetworks,
          unlocked,
        },
        hasIdentity: () => deps.keys.secret() !== null,
        setTimer: host.setTimer,
      }),
    },
    async start() {
      post.become(self());
      stopListening = deps.keys.onChange(() => {
        // The person's own devices are names too.
        post.become(self());
        peopleChanged();
        void keeper.settle();
        quietly(api.start(), 'the HTTP API was not opened for this identity');
      });
      stopWatching = deps.people.onChange(peopleChanged);
      await keeper.settle();
      await api.start();
      await nameServer.start();
    },
    async stop() {
      stopListening();
      stopWatching();
      cancelSample?.();
      await api.stop();
      await nameServer.stop();
      await keeper.stop();
      post.stop();
      await letters
        .keepCopy()
        .catch((error: unknown) => log.warn({ error }, 'the copy of the mailbox was not refreshed'));
      letters.close();
      await database
        .keepCopy()
        .catch((error: unknown) => log.warn({ error }, 'the copy of the mesh’s database was not refreshed'));
      database.close();
    },
    machines: machines.machines,
    streams: streams.streams,
    offers: createOffers({
      ...{ relays, targets, changed },
      address: () => (store.settings().joined ? (self()?.address ?? null) : null),
    }),
    passages: createPassages({ host, running }),
    letters: shareLetters,
    dealLetters,
    notices: () => [database.notice, letters.notice].filter((notice) => notice !== null),
  };
}
