import { equalBytes } from '#core/crypto/equal.ts';
import type { Database } from '#core/store/database.ts';
import { isOwnTopic, topicSchema } from '#shared/contract/mesh/index.ts';
import { everybody } from '#shared/model/firewall-rule.ts';
import { fail } from '#shared/rpc/fail.ts';
import { contains, subnetOf } from '../wire/prefix.ts';
import { dealTopic, shareTopic } from './agent-letters.ts';
import { cardTopic } from './card-exchange.ts';
import type { Names } from './ports.ts';
import { byDefault, type Targets } from './targets.ts';

export const topicsMigration = 'CREATE TABLE topics (topic TEXT PRIMARY KEY, allow TEXT NOT NULL) STRICT;';

const mostTopics = 1_000;

/** An earlier release let rules be made for topics of Hypha's own. */
const isPersons = (topic: string): boolean => topicSchema.safeParse(topic).success;

/** Who may send messages under which topic, as the person said. */
export interface TopicList {
  /** @param topic up to 255 bytes, @param source 16 bytes */
  accepts(topic: Uint8Array, source: Uint8Array): boolean;
  all(): { topic: string; allow: string[] }[];
  /** @returns what the rule was, as it was kept; null for none @throws Fail NOT_FOUND, TOO_MANY */
  set(topic: string, allow: readonly string[]): string[] | null;
}

export interface TopicListDeps {
  readonly database: Database;
  readonly names: Names;
  readonly targets: Targets;
  /** Whether strangers may send under topics without a rule. */
  readonly strangers: () => boolean;
}

export function createTopicList({ database: { db }, names, targets, strangers }: TopicListDeps): TopicList {
  const rules = new Map(
    db
      .prepare('SELECT topic, allow FROM topics ORDER BY topic')
      .all()
      .map((row) => [row.topic as string, JSON.parse(row.allow as string) as string[]]),
  );
  return {
    accepts(topic, source) {
      // Less than a stranger, whatever a rule says of everybody.
      if (names.blocked().some((address) => contains(subnetOf(address), source))) return false;
      // What agents say to each other is under no rule of the person's. Nobody takes what they say under others.
      if (isOwnTopic(topic)) {
        if (equalBytes(topic, cardTopic)) return true;
        return [shareTopic, dealTopic].some((one) => equalBytes(topic, one)) && names.isKnown(source);
      }
      const allow = rules.get(new TextDecoder().decode(topic));
      if (allow === undefined) return strangers() || names.isKnown(source);
      if (allow.includes(everybody)) return true;
      return allow.flatMap((who) => targets.addresses(who)).some((address) => contains(subnetOf(address), source));
    },
    all: () =>
      [...rules].filter(([topic]) => isPersons(topic)).map(([topic, allow]) => ({ topic, allow: targets.show(allow) })),
    set(topic, allow) {
      const before = rules.get(topic) ?? null;
      if (allow.length === 1 && allow[0] === byDefault) {
        db.prepare('DELETE FROM topics WHERE topic = ?').run(topic);
        rules.delete(topic);
        return before;
      }
      const kept = targets.keep(allow);
      if (before === null && rules.size >= mostTopics) {
        throw fail('TOO_MANY', `There are rules for ${mostTopics} topics already.`, { next: 'Remove some of them.' });
      }
      db.prepare('INSERT OR REPLACE INTO topics VALUES (?, ?)').run(topic, JSON.stringify(kept));
      rules.set(topic, kept);
      return before;
    },
  };
}
