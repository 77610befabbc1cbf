import type { Safety } from '#shared/contract/vault.ts';
import type { Places } from '../places/places.ts';
import { choosePlaces, devicesSurvived, type PackSpread, packSafety, worst } from '../places/safety.ts';
import type { Catalogue, PackRow, ShardRow } from './catalogue.ts';

/** Packs whose healthy shards lie on the same places fare alike, and there are few such layouts: all is computed per layout. */
interface Layout {
  readonly k: number;
  readonly m: number;
  /** Places of the shards that are healthy as far as is known, unreachable places included. */
  readonly places: readonly string[];
  readonly packs: Set<number>;
}

export interface Summary {
  readonly survivesDevices: number;
  readonly survivesPlaces: number;
  readonly safety: Safety;
  readonly missingShards: number;
  readonly devices: number;
}

export interface Health {
  /** Read everything again (at start and after a rebuild). */
  load(): void;
  /** The shards of a pack changed. */
  update(pack: Pick<PackRow, 'seq' | 'k' | 'm'>, shards: readonly ShardRow[]): void;
  forget(seq: number): void;
  summary(): Summary;
  /** How safe one pack is now. */
  pack(seq: number): Safety;
  /** What a new pack would be: also the safety of files without bytes. */
  fresh(k: number, m: number): Safety;
  /** The safety most packs have, and the packs that differ. */
  uneven(): { usual: Safety; others: Map<number, Safety> };
  /** Counts up whenever something may have changed. */
  version(): number;
  /** Place health changed. */
  touch(): void;
}

export function createHealth(catalogue: Catalogue, places: Places): Health {
  const layouts = new Map<string, Layout>();
  const ofPack = new Map<number, Layout>();
  let version = 1;

  const forget = (seq: number): void => {
    const layout = ofPack.get(seq);
    layout?.packs.delete(seq);
    ofPack.delete(seq);
    version++;
  };
  const update: Health['update'] = (pack, shards) => {
    forget(pack.seq);
    const on = shards.flatMap((s) => (s.state === 'ok' && s.place !== null ? [s.place] : [])).sort();
    const key = `${pack.k}+${pack.m}:${on.join(' ')}`;
    let layout = layouts.get(key);
    if (!layout) {
      layout = { k: pack.k, m: pack.m, places: on, packs: new Set() };
      layouts.set(key, layout);
    }
    layout.packs.add(pack.seq);
    ofPack.set(pack.seq, layout);
  };
  const spread = (layout: Layout): PackSpread => {
    const perDevice = new Map<string, number>();
    for (const id of layout.places) {
      const place = places.get(id);
      if (place && places.readable(id)) perDevice.set(place.device, (perDevice.get(place.device) ?? 0) + 1);
    }
    return { k: layout.k, m: layout.m, perDevice: [...perDevice.values()] };
  };
  const used = (): Layout[] => [...layouts.values()].filter((layout) => layout.packs.size > 0);
  const healthy = (s: PackSpread): number => s.perDevice.reduce((a, b) => a + b, 0);
  const imagined = (k: number, m: number): PackSpread => {
    const perDevice = new Map<string, number>();
    for (const place of choosePlaces(places.writable(), k + m)) {
      if (place) perDevice.set(place.device, (perDevice.get(place.device) ?? 0) + 1);
    }
    return { k, m, perDevice: [...perDevice.values()] };
  };

  return {
    load() {
      layouts.clear();
      ofPack.clear();
      const rows = catalogue.all<{ seq: number; k: number; m: number } & ShardRow>(
        `SELECT seq, k, m, idx, place, shards.state AS state FROM packs JOIN shards ON pack = seq
         WHERE packs.state = 'stored' ORDER BY seq, idx`,
      );
      for (let i = 0; i < rows.length; ) {
        const first = rows[i] as (typeof rows)[number];
        let end = i;
        while (rows[end]?.seq === first.seq) end++;
        update(first, rows.slice(i, end));
        i = end;
      }
      version++;
    },
    update,
    forget,
    summary() {
      const vault = catalogue.vault();
      const k = vault?.k ?? 1;
      const m = vault?.m ?? 0;
      const spreads = used().map((layout) => ({ spread: spread(layout), packs: layout.packs.size }));
      if (spreads.length === 0) spreads.push({ spread: imagined(k, m), packs: 0 });
      let survivesDevices = Number.POSITIVE_INFINITY;
      let survivesPlaces = Number.POSITIVE_INFINITY;
      let safety: Safety = 'safe';
      let missingShards = 0;
      for (const { spread: s, packs } of spreads) {
        survivesDevices = Math.min(survivesDevices, Math.max(0, devicesSurvived(s)));
        survivesPlaces = Math.min(survivesPlaces, Math.max(0, healthy(s) - s.k));
        safety = worst(safety, packSafety(s));
        missingShards += packs * (s.k + s.m - healthy(s));
      }
      const devices = new Set(
        places
          .all()
          .filter((p) => places.readable(p.row.id))
          .map((p) => p.device),
      ).size;
      return { survivesDevices, survivesPlaces, safety, missingShards, devices };
    },
    pack(seq) {
      const layout = ofPack.get(seq);
      return layout ? packSafety(spread(layout)) : 'damaged';
    },
    fresh: (k, m) => packSafety(imagined(k, m)),
    uneven() {
      const groups = used().map((layout) => ({ layout, safety: packSafety(spread(layout)) }));
      const counts = new Map<Safety, number>();
      for (const { layout, safety } of groups) counts.set(safety, (counts.get(safety) ?? 0) + layout.packs.size);
      const vault = catalogue.vault();
      const [usual] = [...counts.entries()].sort((a, b) => b[1] - a[1])[0] ?? [
        packSafety(imagined(vault?.k ?? 1, vault?.m ?? 0)),
      ];
      const others = new Map<number, Safety>();
      for (const { layout, safety } of groups) {
        if (safety !== usual) for (const seq of layout.packs) others.set(seq, safety);
      }
      return { usual, others };
    },
    version: () => version,
    touch: () => void version++,
  };
}
