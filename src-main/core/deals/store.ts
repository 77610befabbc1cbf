import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { type Database, openDatabase } from '#core/store/database.ts';

const migration = `
  CREATE TABLE offers (
    id TEXT PRIMARY KEY, chain TEXT NOT NULL, role TEXT NOT NULL, contact TEXT, body TEXT NOT NULL,
    at INTEGER NOT NULL, dismissed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE deals (
    id TEXT PRIMARY KEY, chain TEXT NOT NULL, offer TEXT, body TEXT, closed INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE events (
    chain TEXT NOT NULL, tx TEXT NOT NULL, idx INTEGER NOT NULL, deal TEXT NOT NULL, block INTEGER NOT NULL, at INTEGER NOT NULL,
    name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (chain, tx, idx)
  ) STRICT;
  CREATE INDEX events_of_deal ON events (deal, block, idx);
  CREATE TABLE checkpoints (
    chain TEXT NOT NULL, account TEXT NOT NULL, block INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (chain, account)
  ) STRICT;
  CREATE TABLE acts (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE proposals (
    id TEXT PRIMARY KEY, deal TEXT NOT NULL, mine INTEGER NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, answer TEXT, at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX proposals_of_deal ON proposals (deal);
  CREATE TABLE inbox (id INTEGER PRIMARY KEY, contact TEXT NOT NULL, letter BLOB NOT NULL) STRICT;
  CREATE TABLE reasons (deal TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
  CREATE TABLE accounts_of (address TEXT PRIMARY KEY, contact TEXT NOT NULL) STRICT;
`;

/** @param home the data directory, or `:memory:` */
export const openDealsDatabase = (home: string, log: Logger): Database =>
  openDatabase({ path: home === ':memory:' ? home : join(home, 'deals.db'), migrations: [migration], log });

/** bigints as `{"$": "123"}`: what the tables keep has numbers that JSON has no words for. */
export const toText = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? { $: `${member}` } : member));

export function fromText<T>(text: unknown): T {
  return JSON.parse(String(text), (_key, member: unknown) => {
    const number = (member as { $?: unknown } | null)?.$;
    return typeof member === 'object' && typeof number === 'string' ? BigInt(number) : member;
  }) as T;
}
