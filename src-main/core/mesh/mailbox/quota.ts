import type { MailboxLimits } from './limits.ts';

/** What is kept, and how much of it was read and may go. */
export interface Usage {
  readonly messages: number;
  readonly bytes: number;
  readonly readMessages: number;
  readonly readBytes: number;
}

/**
 * How the inbox is shared. A sender has a fixed share at most, and never more than is still free (dynamic thresholds,
 * Choudhury and Hahne 1998): one sender alone can take half, n greedy ones leave an n+1st as much as each of them has.
 */
export interface Quota {
  /** Begin anew with what is stored. */
  load(usage: readonly (Usage & { readonly key: string })[]): void;
  /** Whether a message would fit as things are. */
  fits(key: string, size: number): boolean;
  /** Whether it would fit if read messages were given up for it. */
  couldFit(key: string, size: number): boolean;
  add(key: string, size: number): void;
  read(key: string, size: number): void;
  remove(key: string, size: number, wasRead: boolean): void;
  total(): Usage;
}

const none: Usage = { messages: 0, bytes: 0, readMessages: 0, readBytes: 0 };

export function createQuota(limits: MailboxLimits): Quota {
  const senders = new Map<string, Usage>();
  let all = none;

  const change = (key: string, by: Usage): void => {
    const after = plus(senders.get(key) ?? none, by);
    if (after.messages > 0) senders.set(key, after);
    else senders.delete(key);
    all = plus(all, by);
  };

  const check = (size: number, of: Usage, total: Usage): boolean => {
    const messages = Math.min(limits.senderMessages, limits.inboxMessages - total.messages);
    const bytes = Math.min(limits.senderBytes, limits.inboxBytes - total.bytes);
    return size <= limits.payload && of.messages + 1 <= messages && of.bytes + size <= bytes;
  };

  return {
    load(usage) {
      senders.clear();
      all = none;
      for (const { key, ...one } of usage) change(key, one);
    },
    fits: (key, size) => check(size, senders.get(key) ?? none, all),
    couldFit: (key, size) => check(size, unread(senders.get(key) ?? none), unread(all)),
    add: (key, size) => change(key, { ...none, messages: 1, bytes: size }),
    read: (key, size) => change(key, { ...none, readMessages: 1, readBytes: size }),
    remove(key, size, wasRead) {
      change(key, {
        messages: -1,
        bytes: -size,
        readMessages: wasRead ? -1 : 0,
        readBytes: wasRead ? -size : 0,
      });
    },
    total: () => all,
  };
}

function plus(a: Usage, b: Usage): Usage {
  return {
    messages: a.messages + b.messages,
    bytes: a.bytes + b.bytes,
    readMessages: a.readMessages + b.readMessages,
    readBytes: a.readBytes + b.readBytes,
  };
}

function unread({ messages, bytes, readMessages, readBytes }: Usage): Usage {
  return { messages: messages - readMessages, bytes: bytes - readBytes, readMessages: 0, readBytes: 0 };
}
