import { randomId, toHex } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';
import { type Exposure, type Forward, type RelayId, relayIdSchema, type Socks } from '#shared/contract/mesh/index.ts';
import { everybody } from '#shared/model/firewall-rule.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { AllowedPrefix, RelayTraffic } from '../engine/protocol.ts';
import { onlyForNow } from './only-for-now.ts';
import type { MeshStore, StoredExposure, StoredForward, StoredSocks } from './store.ts';
import type { Targets } from './targets.ts';

const most = 128;
const socksId = 'socks';
const askAgain = 60_000;
/** Machines that somebody runs have addresses beside theirs, and are let in only by their own. */
const allowedBits = 128;
/** Whoever is blocked may use any address of their /64. */
const deniedBits = 64;

type Outcome = { readonly state: 'open' | 'waiting' | 'failed'; readonly detail: string };
const waiting: Outcome = { state: 'waiting', detail: 'It opens when the mesh node runs.' };
const open: Outcome = { state: 'open', detail: '' };
const takenBack: Outcome = {
  state: 'failed',
  detail: 'It was stopped, but opens again when Hypha starts: that could not be kept.',
};

export interface RelaysDeps {
  /** Whether a service of this computer accepts connections at a port of 127.0.0.1. */
  readonly answersAt: (port: number) => Promise<boolean>;
  readonly host: Host;
  readonly store: MeshStore;
  readonly targets: Targets;
  readonly running: () => EngineThread | null;
}

/** Services brought here and offered there, kept over restarts and opened whenever the node runs. */
export interface Relays {
  /** @throws Fail NOT_FOUND */
  theForward(id: RelayId): StoredForward;
  theExposure(id: RelayId): StoredExposure;
  forwards(): Promise<Forward[]>;
  addForward(target: string, port: number, localPort: number | undefined): Promise<Forward>;
  removeForward(id: RelayId): Promise<StoredForward>;
  exposures(): Promise<Exposure[]>;
  addExposure(port: number, localPort: number, allow: readonly string[]): Promise<Exposure>;
  removeExposure(id: RelayId): Promise<StoredExposure>;
  socks(): Promise<Socks>;
  setSocks(on: boolean): Promise<Socks>;
  /** Open all of them on a node that was just started. */
  openAll(thread: EngineThread): Promise<void>;
  /** Who is meant by the names on the lists may have changed. */
  namesChanged(): Promise<void>;
}

export function createRelays({ host, store, targets, running, answersAt }: RelaysDeps): Relays {
  const outcomes = new Map<string, Outcome>();
  /** Taken back, but still in the store, which could not be written. */
  const closed = new Set<string>();
  const outcomeOf = (id: string): Outcome =>
    closed.has(id) ? takenBack : running() === null ? waiting : (outcomes.get(id) ?? waiting);

  /** Open one on the running node, and remember how that went. */
  const attempt = async (id: string, act: (thread: EngineThread) => Promise<unknown>): Promise<void> => {
    const thread = running();
    if (thread === null || closed.has(id)) return;
    try {
      await act(thread);
      outcomes.set(id, open);
    } catch (error) {
      outcomes.set(id, { state: 'failed', detail: isFail(error) ? error.message : 'It could not be opened.' });
    }
  };

  const openForward = async (thread: EngineThread, { id, target, port, localPort }: StoredForward): Promise<number> =>
    thread.call.forward(id, { host: target, port }, localPort);

  /** For each that is open, whom the running node lets in. */
  const admitted = new Map<string, string>();
  const whoOf = ({ allow }: StoredExposure): string => {
    const texts = (list: readonly AllowedPrefix[]) => list.map(({ address }) => toHex(address)).join();
    return `${allow.includes(everybody) ? everybody : texts(allowed(allow))} but ${texts(denied())}`;
  };

  const openExposure = async (thread: EngineThread, exposure: StoredExposure): Promise<void> => {
    const { id, port, localPort } = exposure;
    const who = whoOf(exposure);
    admitted.delete(id);
    await thread.call.expose(id, port, localPort, wanted(exposure), denied());
    admitted.set(id, who);
  };

  /** What is open goes on, but for those who are let in no more. */
  const admitOnly = async (thread: EngineThread, exposure: StoredExposure): Promise<void> => {
    const who = whoOf(exposure);
    await thread.call.admit(exposure.id, wanted(exposure), denied());
    // It may have been taken back, or been opened anew.
    if (admitted.has(exposure.id)) admitted.set(exposure.id, who);
  };

  const wanted = ({ allow }: StoredExposure) => (allow.includes(everybody) ? everybody : allowed(allow));
  const prefixes = (addresses: readonly Uint8Array[], length: number): AllowedPrefix[] =>
    addresses.map((address) => ({ address, length }));
  const allowed = (allow: readonly string[]): AllowedPrefix[] =>
    prefixes(
      allow.flatMap((who) => targets.addresses(who)),
      allowedBits,
    );
  const denied = (): AllowedPrefix[] => prefixes(targets.blocked(), deniedBits);

  /** At the port it had, so that what was set up in other programs goes on working; at another where that is taken. */
  const openSocks = (thread: EngineThread, { port, user, password }: StoredSocks): Promise<number> => {
    const start = (at: number) => thread.call.socks(socksId, at, user, password);
    return start(port).catch(() => start(0));
  };

  const traffic = async (): Promise<Record<string, RelayTraffic>> => {
    // A node that ends in this moment carries nothing.
    const counts = running()?.call.relays().catch(nothing);
    return (await counts) ?? {};
  };
  const none: RelayTraffic = { connections: 0, sent: 0, received: 0 };

  const viewForward = (one: StoredForward, counts: Record<string, RelayTraffic>): Forward => ({
    id: relayIdSchema.parse(one.id),
    target: targets.show([one.target])[0] ?? targets.goneWords(one.target),
    port: one.port,
    localPort: one.localPort,
    ...outcomeOf(one.id),
    ...(counts[one.id] ?? none),
  });
  /** Whether there is anything behind an offer. One that answered is asked again only now and then: each time is a connection to it. */
  const answering = new Map<number, { readonly answers: boolean; readonly at: number }>();
  const answers = async (localPort: number): Promise<boolean> => {
    const last = answering.get(localPort);
    if (last?.answers && Math.abs(host.now() - last.at) < askAgain) return true;
    const now = { answers: await answersAt(localPort), at: host.now() };
    answering.set(localPort, now);
    return now.answers;
  };
  const viewExposure = async (one: StoredExposure, counts: Record<string, RelayTraffic>): Promise<Exposure> => {
    const { id, port, localPort, allow } = one;
    const nobody = allow.every((who) => who !== everybody && targets.addresses(who).length === 0);
    const outcome = outcomeOf(id);
    let { detail } = outcome;
    if (outcome.state === 'open') {
      if (nobody) detail = 'Nobody who may connect is known any more.';
      else if (!(await answers(localPort))) detail = `Nothing answers at port ${localPort} of this computer now.`;
    }
    return {
      id: relayIdSchema.parse(id),
      ...{ port, localPort, allow: targets.show(allow) },
      ...{ ...outcome, detail },
      ...(counts[id] ?? none),
    };
  };

  /** Write down what was opened; what cannot be is closed again, since no list would tell of it. */
  const keepOrClose = async (thread: EngineThread, id: string, write: () => void): Promise<void> => {
    try {
      write();
    } catch (error) {
      await thread.call.closeRelay(id).catch(nothing);
      throw error;
    }
  };

  /** Close it, also where that cannot be written down. @param done what holds then, as {@link onlyForNow} says it */
  const takeBack = async (id: string, forget: () => void, done: string): Promise<void> => {
    let unkept: unknown = null;
    try {
      forget();
      closed.delete(id);
    } catch (error) {
      unkept = error;
      closed.add(id);
    }
    outcomes.delete(id);
    await running()?.call.closeRelay(id).catch(nothing);
    if (unkept !== null) throw onlyForNow(unkept, done);
  };

  const off = () => fail('MESH_OFF', 'The mesh node does not run.', { next: 'Join the mesh first.' });
  const known = <T extends { readonly id: string }>(list: readonly T[], id: RelayId, what: string): T => {
    const one = list.find((each) => each.id === id);
    if (one === undefined) throw fail('NOT_FOUND', `There is no such ${what}.`, { next: 'Look at the list.' });
    return one;
  };
  const theForward = (id: RelayId) => known(store.forwards(), id, 'forward');
  const theExposure = (id: RelayId) => known(store.exposures(), id, 'offer');
  const tooMany = (what: string) =>
    fail('TOO_MANY', `There are ${most} ${what} already.`, { next: 'Remove one that is not needed.' });

  return {
    theForward,
    theExposure,
    async forwards() {
      const counts = await traffic();
      return store.forwards().map((one) => viewForward(one, counts));
    },
    async addForward(target, port, localPort) {
      if (store.forwards().length >= most) throw tooMany('forwards');
      const id = randomId(host.random);
      const thread = running();
      if (thread === null) throw off();
      // Who was meant, and not whoever has the name later.
      const [kept = target] = targets.keep([target]);
      const wish = { id, target: kept, port, localPort: localPort ?? 0 };
      // Opened before it is kept: a port that is taken is said at once, and the one that was chosen stays.
      const forward = { ...wish, localPort: await openForward(thread, wish) };
      await keepOrClose(thread, id, () => store.putForward(forward));
      outcomes.set(id, open);
      return viewForward(forward, {});
    },
    async removeForward(id) {
      const forward = theForward(id);
      await takeBack(id, () => store.removeForward(id), 'It is not brought here any more');
      return forward;
    },
    async exposures() {
      const counts = await traffic();
      return Promise.all(store.exposures().map((one) => viewExposure(one, counts)));
    },
    async addExposure(port, localPort, wanted) {
      if (store.exposures().length >= most) throw tooMany('offers');
      const allow = targets.keep(wanted);
      if (store.exposures().some((one) => one.port === port)) {
        throw fail('IN_USE', `Port ${port} of the mesh address offers another service already.`, {
          next: 'Choose another port, or stop that offer first.',
        });
      }
      const exposure = { id: randomId(host.random), port, localPort, allow };
      store.putExposure(exposure);
      answering.delete(localPort);
      await attempt(exposure.id, (thread) => openExposure(thread, exposure));
      return viewExposure(exposure, {});
    },
    async removeExposure(id) {
      const exposure = theExposure(id);
      admitted.delete(id);
      answering.delete(exposure.localPort);
      await takeBack(id, () => store.removeExposure(id), 'It is not offered any more');
      return exposure;
    },
    async socks() {
      const stored = store.socks();
      const counts = (await traffic())[socksId] ?? none;
      if (stored === null || !stored.on || closed.has(socksId)) {
        const nowhere = { url: null, port: null, user: null, password: null };
        return { on: false, state: 'off', detail: '', ...nowhere, ...counts };
      }
      const { port, user, password } = stored;
      const outcome = outcomeOf(socksId);
      const url = outcome.state === 'open' ? `socks5h://${user}:${password}@127.0.0.1:${port}` : null;
      return { on: true, ...outcome, url, port, user, password, ...counts };
    },
    async setSocks(on) {
      const thread = running();
      const before = store.socks();
      if (on) {
        if (thread === null) throw off();
        // It goes on as it is: beginning anew would break what goes through it.
        if (before?.on && !closed.has(socksId) && outcomeOf(socksId).state === 'open') return this.socks();
        closed.delete(socksId);
        const wish = before ?? { on, port: 0, user: 'hypha', password: randomId(host.random) };
        const port = await openSocks(thread, wish);
        await keepOrClose(thread, socksId, () => store.putSocks({ ...wish, on, port }));
        outcomes.set(socksId, open);
      } else if (before !== null) {
        await takeBack(socksId, () => store.putSocks({ ...before, on }), 'The proxy is off');
      }
      return this.socks();
    },
    async openAll(thread) {
      outcomes.clear();
      admitted.clear();
      for (const one of store.forwards()) await attempt(one.id, () => openForward(thread, one));
      for (const one of store.exposures()) await attempt(one.id, () => openExposure(thread, one));
      const socks = store.socks();
      if (!socks?.on) return;
      await attempt(socksId, async () => {
        const port = await openSocks(thread, socks);
        // It may have been switched off meanwhile.
        if (port !== socks.port && store.socks()?.on) store.putSocks({ ...socks, port });
      });
    },
    async namesChanged() {
      for (const { id } of store.exposures()) {
        // As it is by now: it may have been taken back while another was opened.
        const one = store.exposures().find((other) => other.id === id);
        if (one === undefined || admitted.get(id) === whoOf(one)) continue;
        await attempt(id, (thread) => (admitted.has(id) ? admitOnly(thread, one) : openExposure(thread, one)));
      }
    },
  };
}

/** The node ended in this moment, and everything of it. */
function nothing(error: unknown): undefined {
  if (!isFail(error, 'MESH_OFF')) throw error;
}
