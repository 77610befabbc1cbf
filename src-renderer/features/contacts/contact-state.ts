import type { Contact } from '#shared/contract/contacts.ts';
import type { MessageKey } from '../../lib/i18n.ts';
import type { Tone } from '../../ui/state.tsx';

/** How a contact stands, the most pressing first. */
export function stateOf(contact: Contact): { tone: Tone; word: MessageKey } {
  if (contact.forkSeenAt !== null) return { tone: 'attention', word: 'contacts.state.forked' };
  if (contact.blocked) return { tone: 'paused', word: 'contacts.state.blocked' };
  if (contact.state === 'waiting') return { tone: 'waiting', word: 'contacts.state.waiting' };
  return contact.verifiedAt === null
    ? { tone: 'idle', word: 'contacts.state.unverified' }
    : { tone: 'ok', word: 'contacts.state.verified' };
}

/** The name that programs reach them by; null while there is none. */
export function hostOf({ label, blocked, state }: Contact): string | null {
  return blocked || state === 'waiting' ? null : `${label}.hypha`;
}
