import { hostOf, type PlaceAddress } from '#shared/contract/vault.ts';

/** Of two servers' places whether one lies in the other, or both are one: their pieces would mix. */
export function overlap(a: PlaceAddress, b: PlaceAddress): boolean {
  const levels = (path: string): string[] => path.split('/').filter((level) => level !== '' && level !== '.');
  const around = (one: string, other: string): boolean => {
    const [x, y] = [levels(one), levels(other)];
    return x.every((level, i) => level === y[i]) || y.every((level, i) => level === x[i]);
  };
  if (a.kind === 's3' && b.kind === 's3') {
    return hostOf(a) === hostOf(b) && a.endpoint === b.endpoint && a.bucket === b.bucket && around(a.prefix, b.prefix);
  }
  if (a.kind === 'friend' || b.kind === 'friend') {
    return a.kind === 'friend' && b.kind === 'friend' && a.hostKey === b.hostKey && a.room === b.room;
  }
  if (a.kind === 'directory' || b.kind === 'directory' || a.kind === 's3' || b.kind === 's3') return false;
  if (a.kind !== b.kind || hostOf(a) !== hostOf(b) || a.port !== b.port) return false;
  if (a.kind === 'zdb' && b.kind === 'zdb') return a.namespace === b.namespace;
  if (a.kind === 'redis' && b.kind === 'redis') return a.database === b.database;
  return a.kind === 'sftp' && b.kind === 'sftp' && a.user === b.user && around(a.directory, b.directory);
}
