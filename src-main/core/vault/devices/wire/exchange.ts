import type { Duplex } from 'node:stream';
import { equalBytes } from '#core/crypto/equal.ts';
import type { Host } from '#core/host.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { PeerDevice, Replica } from '../ports.ts';
import { type AnsweringDeps, answerWish } from './answering.ts';
import type { Quiet } from './format/handshake.ts';
import type { Announcement } from './format/statements.ts';
import type { Answer, Asking } from './format/talk.ts';
import { Cut } from './framing.ts';
import { type Desk, type Link, type OwnKey, openLink, QuietNow, serveLink } from './link.ts';
import type { DeviceStreams, KnownDevice } from './ports.ts';

/** Where on the mesh address a Hypha takes connections of the person's other devices. */
export const devicesPort = 9912;

/** What is known of another device that was not revoked. */
export interface PeerView {
  readonly device: KnownDevice;
  /**
   * `on` it answers and takes part; `waits` it is not accepted here; `waits-there` this one is not accepted there; `away` no answer;
   * or why it says nothing.
   */
  readonly state: 'on' | 'waits' | 'waits-there' | 'away' | Quiet;
  /** As it showed itself since this started; null before. */
  readonly theirs: Announcement | null;
  readonly name: string | null;
  /** All that it knew was asked for, and there is nothing left. */
  readonly asked: boolean;
}

export interface ExchangeDeps extends AnsweringDeps {
  readonly host: Host;
  readonly streams: DeviceStreams;
  /** This device, or why it says nothing now. */
  readonly own: () => OwnKey | Quiet;
  readonly ownName: () => string;
  /** A device showed itself, under a name. */
  readonly met: (theirs: Announcement, name: string) => void;
  /** A device was there, and `same`: nothing of it was left to come. */
  readonly seen: (device: DeviceId, same: boolean) => void;
  readonly changed: () => void;
}

/** Talks with the person's other devices as long as it runs: each asks the others for what it lacks, and tells when it has news. */
export interface Exchange {
  peers(): readonly PeerView[];
  /** Devices that may be asked for contents now. */
  reachable(): readonly DeviceId[];
  /** A connection for contents; the caller closes it. @throws Cut, QuietNow, Fail as the mesh */
  connect(device: DeviceId, signal: AbortSignal): Promise<Link>;
  /** Something was written here. */
  news(): void;
  /** Who takes part, or the key log, changed. */
  membersChanged(): void;
  /** Ask everybody now. */
  askAll(): void;
  stop(): Promise<void>;
}

/** Pauses after failures, in milliseconds; the last goes on. */
const pauses = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000, 120_000];
/** A quiet one (locked, off) is asked again so often; it calls by itself when it is there again. */
const quietMs = 120_000;
const openingMs = 1_000;
/** Without news everybody is asked so often all the same. */
const usualMs = 30_000;
/** Edits that come one after the other are told of together. */
const newsMs = 150;
/** Rounds without a pause, so that a device that answers nonsense is not asked without end. */
const roundsMost = 10_000;
/** Connections of one device at a time; a new one takes the place of the oldest. */
const callsMost = 8;

interface Peer {
  device: KnownDevice;
  state: PeerView['state'];
  theirs: Announcement | null;
  name: string | null;
  /** As it said last. */
  trustsUs: boolean;
  link: Link | null;
  failures: number;
  asked: boolean;
  /** What is to be done next. */
  due: { meet: boolean; log: boolean; news: boolean };
  /** The log it has that brought nothing: asked for once. */
  uselessLog: Uint8Array | null;
  wake: () => void;
  /** It called, or there is something to do: also in the middle of a pause. */
  woken: boolean;
  over: AbortController;
  running: Promise<void>;
}

export function createExchange(deps: ExchangeDeps): Exchange {
  const { host, log, people, streams, membership } = deps;
  const peers = new Map<DeviceId, Peer>();
  const calls = new Map<DeviceId, Set<Duplex>>();
  let stopped = false;
  const linkDeps = { host, verify: people.verify };

  const set = (peer: Peer, state: Peer['state']): void => {
    if (peer.state === state) return;
    peer.state = state;
    deps.changed();
  };
  const wake = (peer: Peer): void => {
    peer.woken = true;
    peer.wake();
  };
  const pause = async (peer: Peer, ms: number): Promise<void> => {
    if (peer.woken || peer.over.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = host.setTimer(ms, resolve);
      peer.wake = () => {
        cancel();
        resolve();
      };
    });
    peer.wake = () => {};
  };
  const trusted = (peer: Peer): boolean => peer.theirs !== null && membership.trusts(peer.theirs);

  const sayMeet = (theirs: Announcement) => {
    const trusts = membership.trusts(theirs);
    return {
      name: deps.ownName().slice(0, 200),
      trusts,
      log: people.digest(),
      acceptances: trusts ? membership.acceptances() : [],
    };
  };
  /** What a device says of itself, in a question or an answer. */
  const hear = (
    peer: Peer,
    theirs: Announcement,
    said: Extract<Answer, { say: 'met' }> | Extract<Asking, { ask: 'meet' }>,
  ) => {
    peer.theirs = theirs;
    if (peer.name !== said.name) {
      peer.name = said.name;
      deps.changed();
    }
    deps.met(theirs, said.name);
    const before = peer.trustsUs;
    peer.trustsUs = said.trusts;
    const ours = people.digest();
    // Whoever does not take part is told no log, and asked for none.
    peer.due.log =
      said.trusts &&
      membership.trusts(theirs) &&
      !equalBytes(said.log, ours) &&
      (peer.uselessLog === null || !equalBytes(peer.uselessLog, said.log));
    // Signed by whoever accepted; from a device that is trusted itself, so that a stranger cannot fill the list.
    if (membership.trusts(theirs) && membership.hear(said.acceptances)) membersChanged();
    return before !== said.trusts;
  };

  const ask = async <S extends Answer['say']>(link: Link, asking: Asking, wanted: S) => {
    const answer = await link.ask(asking);
    if (answer.say === 'no' && answer.code === 'NOT_TRUSTED') throw new NotTrusted();
    if (answer.say !== wanted) throw new Cut(answer.say === 'no' ? `it refused: ${answer.code}` : 'another answer');
    return answer as Extract<Answer, { say: S }>;
  };

  const connect = async (device: KnownDevice, signal: AbortSignal): Promise<Link> => {
    const own = deps.own();
    if (typeof own === 'string') throw new QuietNow(own);
    const stream = await streams.dial(device.mesh, devicesPort, signal);
    if (signal.aborted) {
      stream.destroy();
      throw new Cut('it is not wanted any more');
    }
    return openLink(stream, device.id, own, linkDeps);
  };

  const meet = async (peer: Peer, link: Link): Promise<void> => {
    peer.due.meet = false;
    hear(peer, link.theirs, await ask(link, { ask: 'meet', ...sayMeet(link.theirs) }, 'met'));
    if (!trusted(peer)) return set(peer, 'waits');
    if (!peer.trustsUs) return set(peer, 'waits-there');
    set(peer, 'on');
  };
  const mergeLog = async (peer: Peer, link: Link): Promise<void> => {
    peer.due.log = false;
    const { log: theirs } = await ask(link, { ask: 'log' }, 'log');
    const merged = await people.merge(theirs);
    // Older than ours, or another history: they learn from us, or nobody does.
    if (!merged) peer.uselessLog = (await ask(link, { ask: 'meet', ...sayMeet(link.theirs) }, 'met')).log;
  };
  const pull = async (peer: Peer, link: Link, replica: Replica): Promise<void> => {
    const { id } = peer.device;
    for (let round = 0; round < roundsMost; round++) {
      const vector = replica.vector(id);
      const { batch } = await ask(link, { ask: 'since', vector }, 'batch');
      if (batch === null) break;
      const { more, changed } = await replica.take(id, batch);
      if (!more && !changed) break;
    }
    peer.asked = true;
    deps.seen(id, replica.wants(1).length === 0);
  };

  /** One go at everything that is due. @throws whatever ends the connection */
  const work = async (peer: Peer): Promise<void> => {
    const { signal } = peer.over;
    if (peer.link === null) {
      const made = await connect(peer.device, signal);
      peer.link = made;
      peer.due.meet = true;
      // Gone while nothing was asked: it is looked after now, not at the next question.
      made.onClose(() => {
        if (peer.link !== made) return;
        peer.link = null;
        wake(peer);
      });
    }
    const { link } = peer;
    if (peer.due.meet) await meet(peer, link);
    if (peer.state !== 'on') return;
    if (peer.due.log) await mergeLog(peer, link);
    const replica = deps.replica();
    if (replica === null || !trusted(peer) || signal.aborted) return;
    if (peer.due.news) {
      peer.due.news = false;
      await ask(link, { ask: 'news' }, 'heard');
    }
    await pull(peer, link, replica);
  };

  const run = async (peer: Peer): Promise<void> => {
    while (!stopped && !peer.over.signal.aborted) {
      peer.woken = false;
      let wait = usualMs;
      try {
        await work(peer);
        peer.failures = 0;
        // Not accepted, here or there: nothing to do until that changes, which is told.
        if (peer.state !== 'on') peer.due.meet = true;
      } catch (error) {
        peer.link?.close();
        peer.link = null;
        peer.asked = false;
        if (peer.over.signal.aborted || stopped) break;
        if (error instanceof QuietNow) {
          set(peer, error.why);
          wait = quietMs;
        } else if (error instanceof NotTrusted) {
          peer.trustsUs = false;
          set(peer, 'waits-there');
        } else if (isFail(error, 'LOCKED')) {
          // Ours: it is just opening, or going.
          wait = openingMs;
        } else if (isFail(error, 'DISK_FULL')) {
          // Ours too; the other is there, and what it knows is asked for again.
          wait = quietMs;
        } else {
          if (!(error instanceof Cut) && !isFail(error)) {
            log.warn({ error: String(error), device: peer.device.id }, 'another device could not be asked');
          }
          set(peer, 'away');
          wait = pauses[Math.min(peer.failures, pauses.length - 1)] ?? usualMs;
        }
        peer.failures++;
      }
      await pause(peer, wait);
    }
    peer.link?.close();
    peer.link = null;
  };

  const add = (device: KnownDevice): Peer => {
    const peer: Peer = {
      ...{ device, state: 'away', theirs: null, name: device.name, trustsUs: false, link: null, failures: 0 },
      ...{ asked: false, due: { meet: true, log: false, news: false }, uselessLog: null, woken: false },
      ...{ wake: () => {}, over: new AbortController(), running: Promise.resolve() },
    };
    peers.set(device.id, peer);
    if (typeof deps.own() !== 'string') peer.running = run(peer);
    return peer;
  };
  const drop = (peer: Peer): Promise<void> => {
    peers.delete(peer.device.id);
    peer.over.abort();
    peer.link?.close();
    wake(peer);
    for (const stream of calls.get(peer.device.id) ?? []) stream.destroy();
    calls.delete(peer.device.id);
    return peer.running;
  };

  /** Members as the replica is to know them. */
  const tellReplica = (): void => {
    const replica = deps.replica();
    if (replica === null) return;
    const names = new Map(membership.inForce().map(({ id, name }) => [id, name]));
    const members = membership.members().map((id): PeerDevice => {
      const name = peers.get(id)?.name ?? names.get(id) ?? null;
      return { id, name: name ?? `device ${id.slice(0, 6)}` };
    });
    try {
      replica.setPeers(members);
    } catch (error) {
      if (!isFail(error, 'LOCKED')) throw error;
    }
  };

  const membersChanged = (): void => {
    if (stopped) return;
    membership.refresh();
    const now = new Map(membership.inForce().map((device) => [device.id, device]));
    for (const peer of [...peers.values()]) {
      const device = now.get(peer.device.id);
      if (device === undefined) {
        void drop(peer);
        try {
          deps.replica()?.forget(peer.device.id);
        } catch (error) {
          if (!isFail(error, 'LOCKED')) throw error;
        }
        continue;
      }
      peer.device = device;
    }
    for (const device of now.values()) if (!peers.has(device.id)) add(device);
    tellReplica();
    for (const peer of peers.values()) {
      peer.due.meet = true;
      wake(peer);
    }
    deps.changed();
  };

  const answer: Desk['answer'] = async (theirs, asking, signal) => {
    const peer = peers.get(theirs.device);
    if (peer === undefined) return { say: 'no', code: 'NOT_TRUSTED' };
    if (asking.ask === 'meet') {
      const otherNow = hear(peer, theirs, asking);
      // It is there: whoever waited to try again need not. Its news are asked for by this device itself.
      if (otherNow || peer.link === null || peer.due.log) {
        peer.due.meet ||= otherNow;
        peer.failures = 0;
        wake(peer);
      }
      return { say: 'met', ...sayMeet(theirs) };
    }
    return answerWish(deps, theirs, asking, signal, () => wake(peer));
  };

  const accept = (stream: Duplex, mesh: string): void => {
    const device = membership.byMesh(mesh);
    if (device === null || stopped) {
      stream.destroy();
      return;
    }
    const open = calls.get(device.id) ?? new Set<Duplex>();
    calls.set(device.id, open);
    if (open.size >= callsMost) [...open][0]?.destroy();
    open.add(stream);
    void serveLink(stream, device.id, { own: deps.own, answer }, linkDeps).finally(() => open.delete(stream));
  };
  const stopListening = streams.listen(devicesPort, accept);

  let cancelNews: (() => void) | null = null;
  const each = (act: (peer: Peer) => void): void => {
    for (const peer of peers.values()) {
      act(peer);
      wake(peer);
    }
  };
  membersChanged();

  return {
    peers: () =>
      [...peers.values()].map(({ device, state, theirs, name, asked }) => ({ device, state, theirs, name, asked })),
    reachable: () =>
      [...peers.values()].filter((peer) => peer.state === 'on' && trusted(peer)).map(({ device }) => device.id),
    async connect(device, signal) {
      const peer = peers.get(device);
      if (peer === undefined || peer.state !== 'on') throw new Cut('it is not there');
      const link = await connect(peer.device, AbortSignal.any([signal, peer.over.signal]));
      if (membership.trusts(link.theirs)) return link;
      link.close();
      throw new NotTrusted();
    },
    news() {
      if (stopped || cancelNews !== null) return;
      cancelNews = host.setTimer(newsMs, () => {
        cancelNews = null;
        each((peer) => {
          peer.due.news = true;
        });
      });
    },
    membersChanged,
    askAll: () =>
      each((peer) => {
        peer.due.meet = true;
        peer.failures = 0;
      }),
    async stop() {
      stopped = true;
      cancelNews?.();
      const running = [...peers.values()].map(drop);
      for (const open of calls.values()) for (const stream of open) stream.destroy();
      await stopListening();
      await Promise.all(running);
    },
  };
}

/** The other device does not take this one for accepted. */
class NotTrusted extends Error {}
