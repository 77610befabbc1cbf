import type { DeviceId } from '#shared/model/ids.ts';
import type { Core, Session } from '../core.ts';
import { locked } from '../failures.ts';
import { type Life, openLife } from './life.ts';
import type { Devices, PeerDevice, Replica } from './ports.ts';
import { forgetRows } from './store.ts';

interface On {
  readonly self: PeerDevice;
  peers: readonly PeerDevice[];
}

/** What this vault has in common with those of the person's other devices, for as long as that is wanted. */
export function createDevices(core: Core): Devices {
  let on: On | null = null;
  let of: Session | null = null;
  let life: Life | null = null;
  let abort = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const listeners = new Set<(what: 'told' | 'wanted') => void>();

  const end = (): void => {
    const was = life;
    life = null;
    of = null;
    abort.abort(locked());
    if (was) last = last.then(() => was.close()).catch(() => {});
  };
  const begin = (session: Session): void => {
    if (!on || of === session || session.signal.aborted) return;
    end();
    of = session;
    abort = new AbortController();
    const signal = AbortSignal.any([session.signal, abort.signal]);
    const { self } = on;
    const told = (what: 'told' | 'wanted'): void => {
      for (const listen of listeners) listen(what);
    };
    const broken = (): void => {
      if (of !== session) return;
      end();
      begin(session);
    };
    last = last.then(async () => {
      if (signal.aborted) return;
      try {
        const opened = await openLife({ core, session, self, signal, told, broken });
        if (signal.aborted || !on) return await opened.close();
        opened.known.setPeers(on.peers.map(({ id }) => id));
        life = opened;
        void opened.run();
        told('told');
      } catch (error) {
        if (!signal.aborted) core.deps.log.warn({ error: String(error) }, 'what other devices know was not read');
      }
    });
  };

  core.onSession(begin);
  core.onLock(end);
  core.onChange((ids) => {
    if (ids.length > 0) life?.hint(ids);
  });

  const alive = (): Life => {
    // Says what is missing.
    core.root();
    if (!life) throw locked();
    return life;
  };
  const setPeers = (peers: readonly PeerDevice[]): void => {
    if (!on) return;
    on.peers = peers;
    life?.known.setPeers(peers.map(({ id }) => id));
  };
  const replicaOf = (device: DeviceId): Replica => ({
    device,
    setPeers,
    vector: (peer) => alive().known.question(peer),
    since: (peer, vector, maxBytes) => alive().known.answer(peer, vector, maxBytes),
    take: async (peer, batch) => alive().take(peer, batch),
    onChange(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    wants: (limit) => alive().wants(limit),
    has: (content) => alive().has(content),
    read: async (content, offset, length, signal) => alive().read(content, offset, length, signal),
    arrived: async (content, offset, bytes) => alive().arrived(content, offset, bytes),
    forget: (gone) => setPeers((on?.peers ?? []).filter(({ id }) => id !== gone)),
    state: () => alive().state(),
    settled: async () => alive().settled(),
  });

  return {
    async start(self, peers) {
      on = { self, peers };
      const session = core.current();
      if (session) begin(session);
      await last;
      return replicaOf(self.id);
    },
    async stop() {
      on = null;
      end();
      await last;
    },
    async leave() {
      const session = await core.session();
      on = null;
      end();
      await last;
      forgetRows(session);
    },
  };
}
