import type { Peer } from '#shared/contract/mesh/index.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { EngineStatus } from '../engine/protocol.ts';
import { endpointText, parseEndpoint } from '../node/endpoint.ts';
import { dialWords } from './dial-words.ts';
import { mustBeOneHost } from './one-host.ts';
import { onlyForNow } from './only-for-now.ts';
import { choosePublicPeers, publicPeers } from './public-peers.ts';
import type { Samples } from './samples.ts';
import type { MeshStore } from './store.ts';

/** More than anybody needs; each costs a connection. */
const mostPeers = 256;

export interface PeersDeps {
  readonly store: MeshStore;
  readonly samples: Samples;
  readonly now: () => number;
  /** A number from 0 up to, not including, `n`. */
  readonly pick: (n: number) => number;
  /** The running node; null while there is none. */
  readonly running: () => EngineThread | null;
  /** What is known of the public nodes. */
  readonly all?: readonly string[];
}

/** Who this node is to be connected to: those the person added, and public ones chosen for them. */
export interface Peers {
  /** Whether it can be added, or removed. @throws Fail BAD_INPUT, NOT_ONE_HOST, ALREADY_EXISTS, TOO_MANY, NOT_FOUND */
  mayAdd(endpoint: string): void;
  mayRemove(endpoint: string): void;
  add(endpoint: string): Promise<string>;
  remove(endpoint: string): Promise<string>;
  /** Give a node that was just started its peers. */
  dial(thread: EngineThread): Promise<void>;
  /** Choose public peers anew, by how those in use do. */
  tend(thread: EngineThread, status: EngineStatus): Promise<void>;
  list(status: EngineStatus | null): Peer[];
}

export function createPeers(deps: PeersDeps): Peers {
  const { store, samples, now } = deps;
  /** Public ones that are dialled now. */
  const chosen = new Set<string>();

  const wantsPublic = (): boolean => {
    const { publicPeers: wanted, privateNetwork } = store.settings();
    return wanted && privateNetwork === '';
  };

  const tend: Peers['tend'] = async (thread, status) => {
    const added = new Set(store.peers());
    const using = [...chosen].map((endpoint) => {
      const dialled = status.dialling.find((one) => one.endpoint === endpoint);
      return { endpoint, connected: dialled?.state === 'connected', failures: dialled?.failures ?? 0 };
    });
    const { drop, add } = wantsPublic()
      ? choosePublicPeers(
          (deps.all ?? publicPeers).filter((endpoint) => !added.has(endpoint)),
          using,
          deps.pick,
        )
      : { drop: [...chosen], add: [] };
    // Before anything is waited for: who tends at the same time goes on from here.
    for (const endpoint of drop) chosen.delete(endpoint);
    for (const endpoint of add) chosen.add(endpoint);
    for (const endpoint of drop) if (!added.has(endpoint)) await thread.call.removePeer(endpoint);
    for (const endpoint of add) await thread.call.addPeer(endpoint);
  };

  const mayAdd = (text: string): void => {
    const endpoint = canonical(text);
    mustBeOneHost(parseEndpoint(endpoint)?.host ?? '');
    const known = store.peers();
    if (known.includes(endpoint)) throw fail('ALREADY_EXISTS', `${endpoint} is a peer already.`);
    if (known.length >= mostPeers) {
      throw fail('TOO_MANY', `There are ${mostPeers} peers already.`, { next: 'Remove one that is not needed.' });
    }
  };
  const mayRemove = (text: string): void => {
    const endpoint = canonical(text);
    if (store.peers().includes(endpoint)) return;
    throw fail('NOT_FOUND', `${endpoint} is no peer that was added here.`, {
      next: 'Look at the list of peers. Public ones and those found nearby are switched off in the settings of the mesh.',
    });
  };

  return {
    mayAdd,
    mayRemove,
    async add(text) {
      mayAdd(text);
      const endpoint = canonical(text);
      store.addPeer(endpoint, now());
      await deps.running()?.call.addPeer(endpoint).catch(ended);
      return endpoint;
    },
    async remove(text) {
      mayRemove(text);
      const endpoint = canonical(text);
      let unkept: unknown = null;
      try {
        store.removePeer(endpoint);
      } catch (error) {
        unkept = error;
      }
      if (!chosen.has(endpoint)) await deps.running()?.call.removePeer(endpoint).catch(ended);
      if (unkept !== null) throw onlyForNow(unkept, 'The connection was ended');
      return endpoint;
    },
    async dial(thread) {
      chosen.clear();
      for (const endpoint of store.peers()) await thread.call.addPeer(endpoint);
      await tend(thread, await thread.call.status());
    },
    tend,
    list(status) {
      const added = store.peers();
      const transport = store.settings().privateNetwork === '' ? ('tcp' as const) : ('tls' as const);
      const found = new Set(status?.found);
      const originOf = (endpoint: string): Peer['origin'] =>
        added.includes(endpoint) ? 'added' : found.has(endpoint) ? 'found' : 'public';
      const none = { rtt: null, cost: null, connectedAt: null, received: 0, sent: 0, dropped: 0, traffic: [] };
      const links = (status?.peers ?? []).map((link): Peer => {
        const { endpoint, direction, rtt, cost, rxBytes, txBytes, dropped, age, peer } = link;
        const origin = direction === 'inbound' ? 'inbound' : originOf(endpoint);
        const counts = {
          ...{ received: rxBytes, sent: txBytes, dropped, failures: 0 },
          traffic: [...samples.ofPeer(peer)],
        };
        const connectedAt = Math.max(0, Math.round(now() - age));
        return {
          ...{ endpoint, reason: null, direction, origin, state: 'connected', transport },
          ...{ rtt, cost, connectedAt, ...counts },
        };
      });
      const linked = new Set(links.filter(({ direction }) => direction === 'outbound').map(({ endpoint }) => endpoint));
      const dialling = (
        status?.dialling ??
        added.map((endpoint) => ({ endpoint, state: 'waiting' as const, failures: 0, reason: null }))
      )
        .filter(({ endpoint }) => !linked.has(endpoint))
        .map(({ endpoint, state, failures, reason }): Peer => {
          // Connected, but the link's own entry is not there yet: it is about to be.
          const shown = state === 'connected' ? 'connecting' : state;
          return {
            endpoint,
            reason: reason === null ? null : dialWords[reason],
            direction: 'outbound',
            origin: originOf(endpoint),
            state: shown,
            transport,
            ...none,
            failures,
          };
        });
      return [...links, ...dialling];
    },
  };
}

/** The node ended in this moment: the next one begins with what is kept. */
function ended(error: unknown): void {
  if (!isFail(error, 'MESH_OFF')) throw error;
}

/** One spelling for each endpoint. */
function canonical(text: string): string {
  const endpoint = parseEndpoint(text);
  if (endpoint === null)
    throw fail('BAD_INPUT', `${text} is no endpoint of a peer.`, { next: 'Ports go from 1 to 65535.' });
  return endpointText(endpoint);
}
