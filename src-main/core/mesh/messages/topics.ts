import { toHex } from '#core/crypto/ids.ts';
import { contains, type Prefix } from '../wire/prefix.ts';

/** Who may send under which topic. A topic without an entry follows the default; one with an entry takes its sources alone. */
export interface TopicRules {
  accepts(topic: Uint8Array, source: Uint8Array): boolean;
  setDefault(accept: boolean): void;
  defaultAccepts(): boolean;
  /** Add a topic, which so far nobody may use. */
  add(topic: Uint8Array): void;
  remove(topic: Uint8Array): boolean;
  /** @returns false when the topic has no entry */
  allow(topic: Uint8Array, source: Prefix): boolean;
  disallow(topic: Uint8Array, source: Prefix): boolean;
  topics(): { topic: Uint8Array; sources: readonly Prefix[] }[];
}

export function createTopicRules(acceptByDefault: boolean): TopicRules {
  const entries = new Map<string, { topic: Uint8Array; sources: Prefix[] }>();
  let byDefault = acceptByDefault;
  return {
    accepts(topic, source) {
      const entry = entries.get(toHex(topic));
      return entry === undefined ? byDefault : entry.sources.some((prefix) => contains(prefix, source));
    },
    setDefault(accept) {
      byDefault = accept;
    },
    defaultAccepts: () => byDefault,
    add(topic) {
      const key = toHex(topic);
      if (!entries.has(key)) entries.set(key, { topic: topic.slice(), sources: [] });
    },
    remove: (topic) => entries.delete(toHex(topic)),
    allow(topic, source) {
      const entry = entries.get(toHex(topic));
      if (entry === undefined) return false;
      if (!entry.sources.some((one) => one.key === source.key)) entry.sources.push(source);
      return true;
    },
    disallow(topic, source) {
      const entry = entries.get(toHex(topic));
      if (entry === undefined) return false;
      entry.sources = entry.sources.filter((one) => one.key !== source.key);
      return true;
    },
    topics: () => [...entries.values()],
  };
}
