import { type Fail, fail } from '#shared/rpc/fail.ts';
import type { LabelOutcome } from './label.ts';

const nothing = 'Nothing was changed.';
const when = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What names say when something cannot be done, in one place so that it stays alike. */
export const failures = {
  badName: (text: string, why: Extract<LabelOutcome, { ok: false }>['why']): Fail =>
    fail('BAD_NAME', `“${text}” cannot be a name.`, {
      meaning: nothing,
      next: {
        'not a name':
          'Use letters of one script and digits. Signs, spaces and mixed scripts are left out, so that no name looks like another.',
        'a point': 'Type the name alone, or with its ledger behind one point: ann.toms-ledger.',
        short: 'Choose one of at least three letters.',
        long: 'Choose a shorter one: 63 bytes at most, which is 63 Latin letters or 21 Chinese ones.',
        signs: 'Use letters, digits and hyphens, with no hyphen at either end.',
      }[why],
      data: { why },
    }),
  noLedger: (): Fail =>
    fail('NO_LEDGER', 'No ledger is known that keeps names.', {
      meaning: nothing,
      next: 'Open your own ledger, join a contact’s, or add a public chain and put the contracts there.',
    }),
  unknownLedger: (text: string, known: readonly string[]): Fail =>
    fail('NO_LEDGER', `No ledger called “${text}” keeps names here.`, {
      meaning: nothing,
      next: `Name one of these: ${known.join(', ')}.`,
    }),
  unclear: (text: string, refs: readonly string[]): Fail =>
    fail('LEDGER_UNCLEAR', `${refs.length} ledgers are called “${text}”.`, {
      meaning: 'The same name may be somebody else’s on each of them. Nothing was changed.',
      next: `Name one of them by its chain: ${refs.join(', ')}.`,
      data: { chains: refs },
    }),
  whichLedger: (labels: readonly string[]): Fail =>
    fail('LEDGER_UNCLEAR', 'There are several ledgers, and this is done on one of them.', {
      meaning: nothing,
      next: `Say on which: ${labels.join(', ')}.`,
      data: { ledgers: labels },
    }),
  noAccount: (): Fail =>
    fail('NO_ACCOUNT', 'There is no account here that could sign this.', {
      meaning: nothing,
      next: 'Unlock Hypha, on a device that has your keys.',
    }),
  taken: (full: string, expiresAt: number | null): Fail =>
    fail('NAME_TAKEN', `${full} is somebody else’s.`, {
      meaning: nothing,
      next:
        expiresAt === null
          ? 'Choose another name.'
          : `Choose another name. This one is held until ${when(expiresAt)}, and its owner can go on with it for 90 days after that.`,
      data: { expiresAt },
    }),
  yours: (full: string): Fail =>
    fail('NAME_YOURS', `${full} is yours already.`, { meaning: nothing, next: 'Renew it to hold it longer.' }),
  underWay: (full: string): Fail =>
    fail('NAME_YOURS', `${full} is being taken for you already.`, {
      meaning: nothing,
      next: 'Look at the list of your names.',
    }),
  tooMany: (most: number): Fail =>
    fail('TOO_MANY', `${most} names are being taken already.`, {
      meaning: nothing,
      next: 'Wait until some of them are done.',
    }),
  notYours: (full: string): Fail =>
    fail('NOT_YOURS', `None of your accounts holds ${full}.`, {
      meaning: nothing,
      next: 'Look at the list of your names.',
    }),
  termShort: (expiresAt: number): Fail =>
    fail('TERM_SHORT', `The name is held until ${when(expiresAt)} already, which is later.`, {
      meaning: nothing,
      next: 'Give more days, counted from today.',
      data: { expiresAt },
    }),
  noRegistration: (): Fail =>
    fail('NOT_FOUND', 'No such name is being taken.', { meaning: nothing, next: 'Look at the list of your names.' }),
  tooLate: (full: string): Fail =>
    fail('TOO_LATE', `${full} cannot be stopped any more: what takes it is on its way to the ledger, or has ended.`, {
      meaning: nothing,
      next: 'Release the name if it became yours.',
    }),
  refused: (): Fail =>
    fail('CALL_REFUSED', 'The ledger refused it: something else changed the name first.', {
      meaning: 'The name is as the ledger says; what was sent changed nothing.',
      next: 'Look at the name, and try again.',
    }),
  meshOff: (): Fail =>
    fail('MESH_OFF', 'This device has no address on the mesh.', {
      meaning: 'Nothing was published.',
      next: 'Join the mesh first, or publish without its address.',
    }),
} as const;
