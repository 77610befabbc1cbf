import type { MeshStatus, Peer } from '#shared/contract/mesh/index.ts';
import type { MessageKey } from '../../lib/i18n.ts';
import type { Tone } from '../../ui/state.tsx';

interface Said {
  readonly tone: Tone;
  readonly word: MessageKey;
}

/** How this node is. On the mesh without any peer is not yet being anywhere. */
export function nodeWords({ state, peers }: Pick<MeshStatus, 'state' | 'peers'>): Said {
  if (state === 'on') {
    return peers.connected > 0
      ? { tone: 'active', word: 'mesh.state.on' }
      : { tone: 'attention', word: 'mesh.state.alone' };
  }
  if (state === 'starting') return { tone: 'waiting', word: 'mesh.state.starting' };
  if (state === 'failed') return { tone: 'failed', word: 'mesh.state.failed' };
  return { tone: 'idle', word: 'mesh.state.off' };
}

/** How the link to a peer is. */
export function peerWords({ state, failures }: Pick<Peer, 'state' | 'failures'>): Said {
  if (state === 'connected') return { tone: 'active', word: 'mesh.peer.connected' };
  if (failures === 0) return { tone: 'waiting', word: 'mesh.peer.connecting' };
  return state === 'connecting'
    ? { tone: 'waiting', word: 'mesh.peer.again' }
    : { tone: 'attention', word: 'mesh.peer.silent' };
}

/** How a forward or an offered service is. */
export const relayWords = {
  open: { tone: 'active', word: 'mesh.relay.open' },
  waiting: { tone: 'waiting', word: 'mesh.relay.waiting' },
  failed: { tone: 'failed', word: 'mesh.relay.failed' },
} as const satisfies Readonly<Record<string, Said>>;

/** A time on the way as people compare it: `0.42 ms`, `4.2 ms`, `180 ms`, `1.3 s`. */
export function formatMs(ms: number, number: (value: number, digits?: number) => string): string {
  if (ms >= 999.5) return `${number(ms / 1000, 1)} s`;
  return `${number(ms, ms < 1 ? 2 : ms < 10 ? 1 : 0)} ms`;
}

/** An endpoint as it is read: without the scheme that all of them have. */
export const shortEndpoint = (endpoint: string): string => endpoint.replace(/^tcp:\/\//i, '');
