import { isDeepStrictEqual } from 'node:util';
import type { PlaceSecret } from '#shared/contract/vault.ts';
import type { VaultKeys } from '../format/keys.ts';
import { openSecret } from '../format/place-secret.ts';
import type { ShardStore, VaultDeps } from '../ports.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import type { PlaceBackend } from './backend.ts';
import { openBackend } from './open-backend.ts';
import { createStandIn } from './stand-in.ts';

export interface OpenPlace {
  readonly backend: PlaceBackend;
  /** The backend's, which takes nothing where the mark of this place is not. */
  readonly store: ShardStore;
  /** What opens it is sealed: `waits` for the keys, or `damaged`, or neither. */
  readonly sealed: 'open' | 'waits' | 'damaged';
}

/** How long the mark of a server's place, once seen, is not asked for again before a write: a round trip each time otherwise. */
const markedMs = 10_000;

/**
 * The places that are in use, each opened once, and what opens them while it is known. Whose address or credentials change
 * is opened anew.
 */
export function createOpenPlaces(deps: VaultDeps, vaultId: () => string) {
  const nothing: PlaceSecret = {};
  const opened = new Map<string, OpenPlace & { readonly key: string; readonly secret: PlaceSecret | null }>();
  const secrets = new Map<string, { readonly sealed: Uint8Array; readonly secret: PlaceSecret | null }>();

  const end = (id: string): void => {
    opened
      .get(id)
      ?.backend.close()
      .catch(() => {});
    opened.delete(id);
  };

  const known = ({ id, sealed }: PlaceRow): { secret: PlaceSecret | null; sealed: OpenPlace['sealed'] } => {
    if (sealed === null) return { secret: nothing, sealed: 'open' };
    const entry = secrets.get(id);
    if (!entry || Buffer.compare(entry.sealed, sealed) !== 0) return { secret: null, sealed: 'waits' };
    return { secret: entry.secret, sealed: entry.secret === null ? 'damaged' : 'open' };
  };

  const guarded = (backend: PlaceBackend, { id, path, address }: PlaceRow): ShardStore => {
    let markedAt = Number.NEGATIVE_INFINITY;
    const patience = address.kind === 'directory' ? 0 : markedMs;
    return {
      ...backend.store,
      async put(name, parts, taken) {
        // Since the last look another disk, or none, may be there: what lies below a mount point is not ours to fill.
        if (patience === 0 || Math.abs(deps.host.now() - markedAt) >= patience) {
          if (!(await backend.isMarked(vaultId(), id))) throw new Error(`${path} does not bear the mark of this place`);
          markedAt = deps.host.now();
        }
        await backend.store.put(name, parts, taken);
      },
    };
  };

  const backendOf = ({ address, device }: PlaceRow, secret: PlaceSecret | null): PlaceBackend => {
    if (secret === null) {
      const text = 'What opens this place is sealed with the keys of the person, who is not here.';
      return createStandIn(device, { text, next: 'Unlock Hypha.' });
    }
    try {
      return openBackend(deps, { address, secret });
    } catch (error) {
      // Checked when it was added; a catalogue that another release wrote may say what this one cannot read.
      const text = error instanceof Error ? error.message : String(error);
      return createStandIn(device, { text, next: 'Change the place, or stop using it.' });
    }
  };

  return {
    open(row: PlaceRow): OpenPlace {
      const { secret, sealed } = known(row);
      const key = JSON.stringify(row.address);
      const there = opened.get(row.id);
      if (there && there.key === key && there.secret === secret && there.sealed === sealed) return there;
      end(row.id);
      const backend = backendOf(row, secret);
      const own = guarded(backend, row);
      const made = { backend, store: deps.wrapStore ? deps.wrapStore(own, row.path) : own, sealed, key, secret };
      opened.set(row.id, made);
      return made;
    },
    /** Open what is sealed of these places. */
    learn(rows: readonly PlaceRow[], keys: VaultKeys): void {
      for (const { id, sealed } of rows) {
        if (sealed === null) secrets.delete(id);
        else if (Buffer.compare(secrets.get(id)?.sealed ?? new Uint8Array(0), sealed) !== 0) {
          const before = secrets.get(id)?.secret ?? null;
          const now = openSecret(keys, id, sealed);
          // Sealed anew is no new secret: its connection goes on.
          const same = before !== null && now !== null && isDeepStrictEqual(before, now);
          secrets.set(id, { sealed, secret: same ? before : now });
        }
      }
    },
    /** What opens the places is not known any more; connections end. */
    forget(): void {
      for (const id of secrets.keys()) end(id);
      secrets.clear();
    },
    /** As it is open now, out of these: whoever asks closes it. */
    detach(id: string): OpenPlace | null {
      const place = opened.get(id) ?? null;
      opened.delete(id);
      return place;
    },
    /** Only these are in use. */
    keep(ids: ReadonlySet<string>): void {
      for (const id of opened.keys()) if (!ids.has(id)) end(id);
      for (const id of secrets.keys()) if (!ids.has(id)) secrets.delete(id);
    },
    async close(): Promise<void> {
      const all = [...opened.values()];
      opened.clear();
      secrets.clear();
      await Promise.all(all.map(({ backend }) => backend.close().catch(() => {})));
    },
  };
}
