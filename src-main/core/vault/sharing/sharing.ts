import { fail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { createDoors } from './doors.ts';
import { createFetching, type Fetching } from './fetching.ts';
import { createGiving, type Giving } from './giving.ts';
import type { SharePeople } from './ports.ts';
import { recordKey } from './records.ts';
import { createRemote, type Remote } from './remote.ts';
import { createServing } from './serve.ts';
import { openSharingStore, type SharingStore } from './store.ts';
import { createTaking, type Taking } from './taking.ts';

/** What runs once the vault was started. */
export interface SharingParts {
  readonly store: SharingStore;
  readonly people: SharePeople;
  readonly giving: Giving;
  readonly taking: Taking;
  readonly remote: Remote;
  readonly fetching: Fetching;
}

/** Files and folders shared between contacts: ours with others, and theirs with us. */
export interface Sharing {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @throws Fail LOCKED, NOT_OFFERED */
  parts(): SharingParts;
  notices(): readonly { readonly code: string; readonly text: string }[];
  /** Resolves when what contacts, keys and letters changed has been worked through; for tests. */
  settled(): Promise<void>;
}

/** Shares that end by themselves are looked at so often. */
const settleEveryMs = 60_000;

export function createSharing(core: Core): Sharing {
  const { deps } = core;
  const { host, log, traffic } = deps;
  let running: (SharingParts & { readonly stop: () => Promise<void>; readonly settle: () => Promise<void> }) | null =
    null;
  let lost = 0;
  const changed = (): void => core.changed([], false);

  return {
    async start() {
      const wanted = deps.sharing;
      if (wanted === undefined) return;
      const { people, letters, ways } = wanted;
      const store = openSharingStore(deps.home, log, host.random);
      let unlocked = false;
      const serving = createServing(core, store, people);
      const doors = createDoors({ store, ways, log, traffic, answer: serving.answer });
      const giving = createGiving({ core, store, people, letters, doors, incoming: serving.incoming, changed });
      const taking = createTaking(core, store, people, letters, log, changed);
      const remote = createRemote({ host, ways, people, taking, traffic });
      const fetching = createFetching(remote, (share) => people.about(share.contact).name ?? 'its owner');

      let last: Promise<void> = Promise.resolve();
      let again = false;
      let stopped = false;
      const keys = (): void => {
        const root = deps.keys.root();
        if ((root !== null) === unlocked) return;
        unlocked = root !== null;
        lost = store.unlock(root === null ? null : recordKey(root));
      };
      const settle = (): Promise<void> => {
        if (again) return last;
        again = true;
        last = last.then(async () => {
          again = false;
          if (stopped) return;
          try {
            if (deps.keys.root() === null) return;
            taking.settle();
            await giving.settle();
          } catch (error) {
            if (deps.keys.root() !== null) log.warn({ error: String(error) }, 'shares were not brought up to date');
          }
        });
        return last;
      };
      const onKeys = (): void => {
        keys();
        void settle();
      };
      core.onLock(() => {
        unlocked = false;
        store.unlock(null);
      });
      const stops = [deps.keys.onChange(onKeys), people.onChange(() => void settle())];
      let cancel = (): void => {};
      const tick = (): void => {
        cancel = host.setTimer(settleEveryMs, () => {
          void settle();
          tick();
        });
      };
      keys();
      taking.start();
      await doors.start();
      running = {
        ...{ store, people, giving, taking, remote, fetching, settle },
        async stop() {
          stopped = true;
          cancel();
          for (const stop of stops) stop();
          taking.stop();
          await last;
          await doors.stop();
          await remote.stop();
          await store.keepCopy().catch((error: unknown) => {
            log.warn({ error: String(error) }, 'the copy of the shares was not refreshed');
          });
          store.close();
        },
      };
      tick();
      void settle();
    },
    async stop() {
      const was = running;
      running = null;
      await was?.stop();
    },
    parts() {
      // Says what is missing.
      core.root();
      if (running === null) {
        throw fail('NOT_OFFERED', 'Nothing can be shared here: this vault runs without contacts.');
      }
      return running;
    },
    notices: () => [
      ...(running?.store.notice ? [running.store.notice] : []),
      ...(lost === 0
        ? []
        : [
            {
              code: 'SHARES_UNREADABLE',
              text: `${lost === 1 ? 'One share' : `${lost} shares`} could not be read and ${lost === 1 ? 'is' : 'are'} left out. Share anew what is missing.`,
            },
          ]),
    ],
    settled: async () => running?.settle(),
  };
}
