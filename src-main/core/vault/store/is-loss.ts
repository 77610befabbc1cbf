import type { Places } from '../places/places.ts';

/**
 * Whether a shard that was not found, or not right, is lost there. It says nothing of a place whose disk was pulled out or whose
 * connection broke just then: it must bear its mark now. An error is a loss only in a directory, whose disk cannot read it; a
 * server that answers with one may answer otherwise tomorrow.
 */
export function createLossJudge(places: Places, vaultId: Uint8Array) {
  const vault = Buffer.from(vaultId).toString('hex');
  return async (id: string | null, error: boolean): Promise<boolean> => {
    const place = places.get(id);
    if (!place || id === null) return false;
    if (error && place.row.address.kind !== 'directory') return false;
    if (await place.backend.isMarked(vault, id).catch(() => false)) return true;
    await places.lookAt(id);
    return false;
  };
}
