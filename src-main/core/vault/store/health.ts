import type { Safety, VaultStatus } from '#shared/contract/vault.ts';
import { headerBytes, tagBytes } from '../format/shard.ts';
import { candidateOf, type LivePlace, type Places } from '../places/places.ts';
import {
  type Candidate,
  choosePlaces,
  devicesSurvived,
  type PackSpread,
  packSafety,
  survivesLossOf,
  worst,
} from '../places/safety.ts';
import type { Catalogue, PackRow, ShardRow } from './catalogue.ts';

/** Packs whose healthy shards lie on the same places fare alike, and there are few such layouts: all is computed per layout. */
interface Spread extends PackSpread {
  readonly owners: ReadonlyMap<string, number>;
  readonly sites: ReadonlyMap<string, number>;
}

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
  readonly domains: readonly Domain[];
}

type Domain = VaultStatus['domains'][number];

export interface Health {
  /** Read everything again (at start and after a rebuild). */
  load(): void;
  /** The shards of a pack changed. */
  update(pack: Pick<PackRow, 'seq' | 'k' | 'm' | 'shardLength'>, shards: readonly ShardRow[]): void;
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
  /** Bytes of each pack's shards, and of all shards on each place. */
  const sizes = new Map<number, number>();
  const onPlace = new Map<string, number>();
  const countOn = (layout: Layout, bytes: number): void => {
    for (const id of layout.places) onPlace.set(id, (onPlace.get(id) ?? 0) + bytes);
  };
  places.countUse((id) => onPlace.get(id) ?? 0);
  let version = 1;

  const forget = (seq: number): void => {
    const layout = ofPack.get(seq);
    layout?.packs.delete(seq);
    if (layout) countOn(layout, -(sizes.get(seq) ?? 0));
    sizes.delete(seq);
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
    sizes.set(pack.seq, pack.shardLength + headerBytes + tagBytes);
    countOn(layout, pack.shardLength + headerBytes + tagBytes);
  };
  const spread = (layout: Layout): Spread => {
    const held = layout.places.flatMap((id) => {
      const place = places.get(id);
      // What waits for the person's keys is where it was when it was last seen.
      return place && (places.readable(id) || places.waits(id)) ? [candidateOf(place)] : [];
    });
    return spreadOf(layout, held);
  };
  const spreadOf = ({ k, m }: Pick<Layout, 'k' | 'm'>, held: readonly Candidate[]): Spread => {
    const count = (names: readonly string[]): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const name of names) if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts;
    };
    const owners = count(held.map(({ owner }) => owner));
    return {
      k,
      m,
      perDevice: [...count(held.map(({ device }) => device)).values()],
      perOther: [...owners.values()],
      owners,
      sites: count(held.map(({ site }) => site)),
    };
  };
  const used = (): Layout[] => [...layouts.values()].filter((layout) => layout.packs.size > 0);
  const healthy = (s: PackSpread): number => s.perDevice.reduce((a, b) => a + b, 0);
  const imagined = (k: number, m: number): Spread =>
    spreadOf(
      { k, m },
      choosePlaces(places.writable(), k + m).filter((place) => place !== null),
    );
  /** What a loss of all at one site, or with one other person, would come to. */
  const domainsIn = (spreads: readonly { spread: Spread }[]): Domain[] => {
    const named = (kind: Domain['kind'], of: (place: LivePlace) => string): Domain[] => {
      const all = Map.groupBy(places.all(), of);
      all.delete('');
      return [...all].map(([name, there]) => {
        const lost = (s: Spread): number => (kind === 'site' ? s.sites : s.owners).get(name) ?? 0;
        const survives = spreads.every(({ spread: s }) => survivesLossOf(s, lost(s)));
        return { kind, name, places: there.length, survives };
      });
    };
    return [...named('site', (p) => p.row.site), ...named('owner', (p) => p.row.owner)];
  };

  return {
    load() {
      layouts.clear();
      ofPack.clear();
      sizes.clear();
      onPlace.clear();
      const rows = catalogue.all<{ seq: number; k: number; m: number; shardLength: number } & ShardRow>(
        `SELECT seq, k, m, shard_length AS shardLength, idx, place, shards.state AS state FROM packs JOIN shards ON pack = seq
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
          .filter((p) => places.readable(p.row.id) || places.waits(p.row.id))
          .map((p) => p.device),
      ).size;
      return { survivesDevices, survivesPlaces, safety, missingShards, devices, domains: domainsIn(spreads) };
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
