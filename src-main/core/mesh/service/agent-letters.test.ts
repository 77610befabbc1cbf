import { expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Lent, Mailbox } from '../mailbox/index.ts';
import { createAgentLetters } from './agent-letters.ts';

it('goes on listening after the mailbox could not be read, or a letter not be taken, a moment later', async () => {
  const pauses: (() => void)[] = [];
  const back: string[] = [];
  const letter = (text: string): Lent => ({
    message: { key: new Uint8Array(32), data: new TextEncoder().encode(text) } as Lent['message'],
    done() {},
    giveBack: () => void back.push(text),
  });
  const answers: (() => Promise<Lent>)[] = [
    () => Promise.reject(fail('BUSY', 'Too many calls wait for messages already.')),
    async () => letter('first'),
    async () => letter('first'),
    () => new Promise(() => {}),
  ];
  const mailbox = { borrow: () => answers.shift()?.() } as unknown as Mailbox;
  const letters = createAgentLetters({
    topic: new Uint8Array(1),
    log: silentLog,
    setTimer(_, fire) {
      pauses.push(fire);
      return () => {};
    },
    addresses: () => [],
  });
  letters.onLetter(() => {
    throw fail('DISK_FULL', 'The disk is full.');
  });
  const end = new AbortController();
  letters.serve(mailbox, end.signal);
  await expect.poll(() => pauses.length).toBe(1);
  pauses[0]?.();
  await expect.poll(() => pauses.length).toBe(3);
  expect(back).toEqual([]);
  pauses[1]?.();
  await expect.poll(() => back).toEqual(['first']);
  end.abort();
  // What stood aside is the mailbox's again.
  await expect.poll(() => back).toEqual(['first', 'first']);
});

it('takes the letters behind one that cannot be taken', async () => {
  const back: string[] = [];
  const done: string[] = [];
  const waiting = ['bad', 'one', 'two'];
  const mailbox = {
    async borrow() {
      const text = waiting.shift();
      if (text === undefined) return new Promise(() => {});
      return {
        message: { key: new Uint8Array(32), data: new TextEncoder().encode(text) },
        done: () => void done.push(text),
        giveBack: () => void back.push(text),
      };
    },
  } as unknown as Mailbox;
  const letters = createAgentLetters({
    topic: new Uint8Array(1),
    log: silentLog,
    setTimer: () => () => {},
    addresses: () => [],
  });
  letters.onLetter((_, data) => {
    if (new TextDecoder().decode(data) === 'bad') throw new Error('No.');
  });
  const end = new AbortController();
  letters.serve(mailbox, end.signal);
  await expect.poll(() => done).toEqual(['one', 'two']);
  end.abort();
  await expect.poll(() => back).toEqual(['bad']);
});
