const day = 86_400_000;
const MiB = 1024 * 1024;

/**
 * What a mailbox holds at most. Strangers fill one side of it and programs of this computer the other. It forgets by number and
 * never by date, so that a clock that was wrong for a while deletes nothing.
 */
export interface MailboxLimits {
  /** Bytes of one message. */
  readonly payload: number;
  /** Milliseconds that a message may wait for its receiver. */
  readonly longestTtl: number;
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  /** Messages and bytes that wait for one destination. */
  readonly destinationMessages: number;
  readonly destinationBytes: number;
  /** Messages and bytes that are kept, read ones too; those give way to new ones, the oldest first. */
  readonly inboxMessages: number;
  readonly inboxBytes: number;
  /** Of one sender. Nobody gets more than is left free, either, so that no number of them takes it all. */
  readonly senderMessages: number;
  readonly senderBytes: number;
  /** How many of the messages sent before can be asked about and answered. */
  readonly endedMessages: number;
  /** Letters of the person's that have ended, and bytes of them, that can be read again: the newest. */
  readonly keptLetters: number;
  readonly keptLetterBytes: number;
  /** Ids remembered, of all and of one sender. */
  readonly seen: number;
  readonly seenOfSender: number;
  /** Calls that wait for a message. */
  readonly waiters: number;
  /** Messages, and bytes of them, on their way at one time. */
  readonly flights: number;
  readonly flightBytes: number;
  readonly flightsPerDestination: number;
}

export const defaultMailboxLimits: MailboxLimits = {
  payload: 16 * MiB,
  longestTtl: 30 * day,
  outboxMessages: 10_000,
  outboxBytes: 256 * MiB,
  destinationMessages: 2_000,
  destinationBytes: 64 * MiB,
  inboxMessages: 10_000,
  inboxBytes: 256 * MiB,
  senderMessages: 2_000,
  senderBytes: 64 * MiB,
  endedMessages: 10_000,
  keptLetters: 2_000,
  keptLetterBytes: 64 * MiB,
  seen: 100_000,
  seenOfSender: 5_000,
  waiters: 256,
  flights: 256,
  flightBytes: 64 * MiB,
  flightsPerDestination: 8,
};

export const defaultTtl = 7 * day;
