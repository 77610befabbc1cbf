import type { Contact } from '#shared/contract/contacts.ts';
import type { ContactRecord } from './record.ts';

/** A contact as the contract shows it. */
export function viewOf(record: ContactRecord): Contact {
  const { known, claimed } = record;
  return {
    id: record.id,
    person: record.person,
    petname: record.petname,
    label: record.label,
    name: record.name,
    state: known === null ? 'waiting' : 'known',
    verifiedAt: record.verifiedAt,
    blocked: record.blocked,
    addedAt: record.addedAt,
    removedAt: record.removedAt,
    cardAt: record.issuedAt,
    forkSeenAt: record.forkSeenAt,
    devices:
      known === null
        ? (claimed?.mesh ?? []).map((meshKey) => ({ id: null, meshKey, addedAt: null, revokedAt: null }))
        : known.devices.map(({ id, mesh, addedAt, revokedAt }) => ({ id, meshKey: mesh, addedAt, revokedAt })),
  };
}
