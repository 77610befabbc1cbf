export { adoptLetters } from './adopt-letters.ts';
export type { Lent, Received } from './inbox.ts';
export type { InboxRow, Wanted } from './inbox-store.ts';
export { defaultMailboxLimits, type MailboxLimits } from './limits.ts';
export {
  createMailbox,
  type Mailbox,
  type MailboxDeps,
  type MailboxEvent,
  type Outgoing,
  type Sent,
  type StackPorts,
} from './mailbox.ts';
export type { OutboxRow, OutboxState } from './outbox-store.ts';
export { mailboxMigrations } from './schema.ts';
