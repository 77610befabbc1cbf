import type { ShardHeader } from '../format/shard.ts';
import type { Places } from '../places/places.ts';
import type { Arena } from '../pool/arena.ts';
import type { Lender } from '../pool/lender.ts';
import type { Pool } from '../pool/pool.ts';
import type { VaultDeps } from '../ports.ts';
import type { Catalogue, PackRow } from './catalogue.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Health } from './health.ts';

/** What storing and reading stand on, locked or not. */
export interface Engine {
  readonly deps: VaultDeps;
  readonly catalogue: Catalogue;
  readonly group: GroupCommit;
  readonly places: Places;
  readonly health: Health;
  readonly arena: Arena;
  readonly pool: Pool;
  readonly slots: Lender<number>;
}

export const shardName = (pack: Pick<PackRow, 'dir' | 'id'>, idx: number): string =>
  `${pack.dir}/${Buffer.from(pack.id).toString('hex')}.${String(idx).padStart(2, '0')}`;

export function headerOf(pack: PackRow, vaultId: Uint8Array): Omit<ShardHeader, 'index'> {
  const { kind, k, m, epoch, shardLength, payload, part, parts, generation, previous } = pack;
  return { kind, k, m, vaultId, packId: pack.id, epoch, shardLength, payload, part, parts, generation, previous };
}
