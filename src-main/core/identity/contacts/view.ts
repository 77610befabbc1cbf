import type { Contact } from '#shared/contract/contacts.ts';
import type { ContactRecord } from './record.ts';

/** How long a device that a contact added is told of. */
const newsMs = 7 * 24 * 3_600_000;

/** Contacts of whom a device was told here a short while ago that acts for them, by what they are called. */
export function withNewDevices(records: readonly ContactRecord[], now: number): readonly string[] {
  return records.flatMap(({ petname, blocked, known }) => {
    const isNew = known?.devices.some(
      ({ revokedAt, seenAt }) => revokedAt === null && seenAt !== undefined && Math.abs(now - seenAt) < newsMs,
    );
    return isNew && !blocked ? [petname] : [];
  });
}

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
        ? (claimed?.mesh ?? []).map((meshKey) => ({ id: null, meshKey, addedAt: null, revokedAt: null, seenAt: null }))
        : known.devices.map(({ id, mesh, addedAt, revokedAt, seenAt = null }) => {
            return { id, meshKey: mesh, addedAt, revokedAt, seenAt };
          }),
  };
}
