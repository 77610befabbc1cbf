import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { type MessageId, messagePartBytes } from '#shared/contract/mesh/index.ts';
import { addressOf } from '../identity/address.ts';
import { createMessageHandlers, type MessageHandlerParts } from './message-handlers.ts';
import { openPostDesk, type PostDesk } from './testing/post-desk.ts';

const self = { address: addressOf(new Uint8Array(32).fill(7)), publicKey: new Uint8Array(32).fill(7) };

let home = '';
let desk: PostDesk;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-letters-list-'));
  desk = openPostDesk(home, self);
});
afterEach(async () => {
  desk.close();
  await rm(home, { recursive: true, force: true });
});

const toSelf = (text: string) =>
  desk.post.send({ to: [self.address], contact: null, text, topic: '', replyTo: undefined, ttl: 10_000 });

it.each(['all', 'in', 'out'] as const)(
  'is read page by page with none left out and none twice, also of one millisecond and where the clock was set back: %s',
  (box) => {
    for (let i = 0; i < 23; i++) toSelf(`letter ${i}`);
    // All came and went in three milliseconds, the last of them before the others.
    for (const [table, at] of [
      ['inbox', 'received'],
      ['outbox', 'created'],
    ]) {
      desk.letters.db.exec(`UPDATE ${table} SET ${at} = CASE WHEN seq > 20 THEN 500 ELSE 1000 + seq / 12 END`);
    }
    const list = (limit: number, after?: string) =>
      desk.post.list({ box, topic: undefined, unread: false, limit, before: undefined, after });
    const whole = list(500);
    expect(whole.next).toBeNull();
    expect(whole.messages).toHaveLength(box === 'all' ? 46 : 23);
    for (const limit of [1, 4, 23, 45, 46]) {
      const ids: MessageId[] = [];
      let after: string | undefined;
      do {
        const { messages, next } = list(limit, after);
        expect(messages.length).toBeGreaterThan(0);
        ids.push(...messages.map(({ id }) => id));
        after = next ?? undefined;
      } while (after !== undefined);
      expect(ids, `pages of ${limit}`).toEqual(whole.messages.map(({ id }) => id));
    }
  },
);

it('reads a message part by part that is longer than an answer may be', async () => {
  const data = new Uint8Array(2 * messagePartBytes + 1000).map((_, i) => i % 251);
  desk.post.mailbox().send({ destination: self.address, topic: new Uint8Array(0), data });
  const handlers = createMessageHandlers({
    ...{ post: desk.post, unlocked() {}, changed() {}, strangers: () => false },
  } as unknown as MessageHandlerParts);
  const context = { host: createFakeHost() } as never;
  const [message] = desk.post.list({
    ...{ box: 'in', topic: undefined, unread: false, limit: 1, before: undefined, after: undefined },
  }).messages;
  if (message === undefined) throw new Error('nothing came');
  const parts: Uint8Array[] = [];
  for (let at: number | null = 0; at !== null; ) {
    const part = await handlers['mesh.message']({ id: message.id, at }, context);
    parts.push(part.data);
    at = part.next;
  }
  expect(parts.map(({ length }) => length)).toEqual([messagePartBytes, messagePartBytes, 1000]);
  expect(Buffer.concat(parts).equals(data)).toBe(true);
  await expect(async () =>
    handlers['mesh.message']({ id: message.id, at: data.length + 1 }, context),
  ).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
