import type { PersonId } from '#shared/model/ids.ts';
import { failures } from './failures.ts';
import type { ContactRecord } from './record.ts';
import { safetyNumber } from './safety-number.ts';

/**
 * The number that the person and a contact compare: twelve groups of five digits.
 *
 * @param self the person; null before there is an identity
 * @throws Fail NO_IDENTITY, CONTACT_WAITING
 */
export function numberWith(self: PersonId | null, record: ContactRecord): string[] {
  if (self === null) throw failures.noIdentity();
  if (record.known === null) throw failures.waiting(record.petname);
  return safetyNumber(self, record.person);
}

/** @param number as it was compared, with anything between its digits @throws Fail NUMBER_DIFFERS, NO_IDENTITY, CONTACT_WAITING */
export function mustBeTheSame(self: PersonId | null, record: ContactRecord, number: string): void {
  if (number.replace(/\D/g, '') !== numberWith(self, record).join('')) throw failures.numberDiffers();
}
