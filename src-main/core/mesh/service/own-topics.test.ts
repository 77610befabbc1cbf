import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { isOwnTopic, type MessageId, topicSchema } from '#shared/contract/mesh/index.ts';
import { answerMessages } from '../http-api/message-paths.ts';
import { addressOf } from '../identity/address.ts';
import { cardTopic } from './card-exchange.ts';
import { createHttpApiSwitch } from './http-api-switch.ts';
import { createKnown } from './known.ts';
import { createMeshStore, meshMigrations } from './store.ts';
import { createTargets } from './targets.ts';
import { openPostDesk, type PostDesk } from './testing/post-desk.ts';
import { createTopicList } from './topic-list.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const self = { address: addressOf(new Uint8Array(32).fill(7)), publicKey: new Uint8Array(32).fill(7) };

let home = '';
let desk: PostDesk;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-own-topics-'));
  desk = openPostDesk(home, self);
});
afterEach(async () => {
  desk.close();
  await rm(home, { recursive: true, force: true });
});

describe('topics that begin with hypha/', () => {
  it('are told by their bytes, on the wire and in what is typed alike', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'hypha', 'hypha/', 'Hypha/', '\ufeffhypha/'), fc.string(), (start, rest) => {
        const text = `${start}${rest}`.slice(0, 60);
        expect(topicSchema.safeParse(text).success).toBe(!isOwnTopic(utf8(text)));
      }),
    );
    expect(isOwnTopic(utf8('hypha/card'))).toBe(true);
    expect(isOwnTopic(utf8('hypha'))).toBe(false);
    expect(isOwnTopic(new Uint8Array(0))).toBe(false);
  });

  it('hold nothing that a person could list, read, mark, answer or delete', () => {
    const { post } = desk;
    post.mailbox().send({ destination: self.address, topic: cardTopic, data: utf8('between agents') });
    const [row] = post.mailbox().list({}, 1);
    const id = `in-${row?.seq}` as MessageId;
    const wanted = { box: 'all', topic: undefined, unread: false, limit: 9 } as const;
    expect(post.list({ ...wanted, before: undefined, after: undefined })).toEqual({ messages: [], next: null });
    expect(post.unread()).toBe(0);
    expect(post.markRead([id])).toBe(0);
    const answer = { to: [self.address] as const, contact: null, text: 'x', topic: '', replyTo: id, ttl: 10_000 };
    const out = `out-${post.mailbox().sent(1)[0]?.seq}` as MessageId;
    for (const act of [
      () => post.read(id),
      () => post.remove(id),
      () => post.send(answer),
      () => post.read(out),
      () => post.remove(out),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
    expect(post.mailbox().get(row?.seq ?? 0)).toMatchObject({ read: null });
  });

  it('are under no rule, whatever an earlier release let be said', () => {
    const database = openDatabase({ path: ':memory:', migrations: meshMigrations, log: silentLog });
    try {
      for (const topic of ['hypha/card', 'hypha/later', 'news']) {
        const allow = JSON.stringify(topic === 'hypha/card' ? [] : ['everybody']);
        database.db.prepare('INSERT INTO topics VALUES (?, ?)').run(topic, allow);
      }
      const names = createKnown({ names: () => [], peers: () => [], ownDevices: () => [], onChange: () => () => {} });
      const topics = createTopicList({ database, names, targets: createTargets(names), strangers: () => true });
      expect(topics.all()).toEqual([{ topic: 'news', allow: ['everybody'] }]);
      const taken = ['news', 'hypha/card', 'hypha/later'].filter((topic) => topics.accepts(utf8(topic), self.address));
      // Nobody would read what comes under the last.
      expect(taken).toEqual(['news', 'hypha/card']);
    } finally {
      database.close();
    }
  });

  it('are no program’s, also where an earlier release let them be allowed', async () => {
    const store = createMeshStore(desk.own);
    store.putHttpApi({ on: true, topics: ['hypha/card', 'news'], port: 0 });
    const api = createHttpApiSwitch({
      ...{ store, log: silentLog, self: () => self, mailbox: desk.post.mailbox() },
      node: {
        info: () => Promise.reject(new Error('not asked for')),
        peers: async () => [],
        selectedRoutes: async () => [],
        fallbackRoutes: async () => [],
        queriedSubnets: async () => [],
        publicKeyOf: async () => null,
      },
    });
    await api.start();
    try {
      expect(api.stored().topics).toEqual(['news']);
      const at = `http://127.0.0.1:${api.view().port}/api/v1/messages`;
      const ask = async (topic: string) => {
        const response = await fetch(`${at}?${new URLSearchParams({ topic: Buffer.from(topic).toString('base64') })}`, {
          headers: { connection: 'close' },
        });
        return [response.status, await response.text()] as const;
      };
      desk.post.mailbox().send({ destination: self.address, topic: cardTopic, data: utf8('between agents') });
      expect(await ask('news')).toEqual([204, '']);
      const [status, said] = await ask('hypha/card');
      expect([status, said]).toEqual([403, expect.stringContaining('Hypha’s own')]);
      expect((await fetch(at, { headers: { connection: 'close' } })).status).toBe(204);
    } finally {
      await api.stop();
    }
  });

  it('are refused to programs by what answers them, too', async () => {
    const sent: unknown[] = [];
    const { mailbox } = desk.post;
    const dst = { ip: '4a2::1' };
    const push = answerMessages(
      {
        mailbox: {
          ...mailbox(),
          send: (message) => {
            sent.push(message);
            return '0123456789abcdef';
          },
        },
        topics: () => [cardTopic],
        publicKey: self.publicKey,
        ttl: 10_000,
      },
      {
        method: 'POST',
        path: ['messages'],
        query: new URLSearchParams(),
        body: async () => JSON.stringify({ dst, topic: Buffer.from(cardTopic).toString('base64'), payload: 'aGk=' }),
        gone: new AbortController().signal,
      },
    );
    await expect(push).rejects.toMatchObject({ answer: { status: 403 } });
    expect(sent).toEqual([]);
  });
});
