import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { cardTopic } from './card-exchange.ts';
import type { Names } from './ports.ts';
import { createTargets } from './targets.ts';
import { createTopicList, topicsMigration } from './topic-list.ts';

const at = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(16);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

it('takes nothing from a blocked contact, neither as one of everybody nor as a stranger', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hypha-topics-'));
  const database = openDatabase({ path: join(home, 'mesh.db'), migrations: [topicsMigration], log: silentLog });
  try {
    let blocked: Uint8Array[] = [];
    const names: Names = {
      addresses: () => [],
      nameOf: () => null,
      isKnown: () => false,
      blocked: () => blocked,
      isKnownKey: () => false,
      contactOf: () => null,
      contact: () => null,
      about: () => ({ petname: null, label: null, state: 'gone' }),
      isBlocked: () => false,
      all: () => [],
    };
    const topics = createTopicList({ database, names, targets: createTargets(names), strangers: () => true });
    topics.set('news', ['everybody']);
    const accepted = (from: string) =>
      [text('news'), text(''), cardTopic].map((topic) => topics.accepts(topic, at(from)));
    expect(accepted('4a2:1::1')).toEqual([true, true, true]);
    blocked = [at('4a2:1::1')];
    // Whoever holds a node's key may use any address of its /64.
    expect(accepted('4a2:1::2')).toEqual([false, false, false]);
    expect(accepted('4a3:1::1')).toEqual([true, true, true]);
  } finally {
    database.close();
    await rm(home, { recursive: true });
  }
});
