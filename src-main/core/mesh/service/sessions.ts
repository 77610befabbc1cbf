import { fromHex, toHex } from '#core/crypto/ids.ts';
import type { Session } from '#shared/contract/mesh/index.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressOf } from '../identity/address.ts';
import { addressText } from '../identity/ipv6-text.ts';
import type { Names } from './ports.ts';
import type { MeshStore } from './store.ts';

export interface SessionsDeps {
  readonly store: MeshStore;
  readonly names: Names;
  readonly running: () => EngineThread | null;
  readonly changed: () => void;
}

/**
 * Who talks to us in sessions. A contact, or a device of the person's own, that once did is known to run Hypha: from then on nothing goes or comes without
 * one, so that nobody on the path can talk the two out of it.
 */
export interface Sessions {
  /** One came to be, or ended. */
  event(publicKey: Uint8Array, established: boolean): void;
  /** Tell a node that was just started, or again after contacts or settings changed. */
  tell(thread?: EngineThread | null): Promise<void>;
  list(): Promise<Session[]>;
}

export function createSessions({ store, names, running, changed }: SessionsDeps): Sessions {
  const isKnown = (publicKey: Uint8Array): boolean => names.isKnownKey(toHex(publicKey));
  const required = (): string[] =>
    store.settings().requireSessions ? store.hyphaNodes().filter(names.isKnownKey) : [];

  const tell = async (thread: EngineThread | null = running()): Promise<void> => {
    const keys = required().flatMap((key) => fromHex(key) ?? []);
    // A thread that ends in this moment needs it no more; the next one is told when it starts.
    await thread?.call.requireSessions(keys).catch(() => {});
  };

  return {
    event(publicKey, established) {
      changed();
      if (!established || !isKnown(publicKey) || store.hyphaNodes().includes(toHex(publicKey))) return;
      store.addHyphaNode(toHex(publicKey));
      void tell();
    },
    tell,
    async list() {
      const must = new Set(required());
      const all = (await running()?.call.sessions()) ?? [];
      return all
        .filter(({ state, capable }) => state !== 'none' || capable)
        .map(({ publicKey, state, sent }) => {
          const address = addressOf(publicKey);
          return {
            address: addressText(address),
            publicKey: toHex(publicKey),
            name: names.nameOf(address),
            established: state === 'established',
            required: must.has(toHex(publicKey)),
            sent,
          };
        });
    },
  };
}
