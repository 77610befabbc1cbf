import { seenHeadsMigration } from '../heads/seen.ts';

export const peersMigrations = [
  seenHeadsMigration,
  `
  CREATE TABLE joined (
    ref TEXT PRIMARY KEY,
    contact TEXT NOT NULL,
    card BLOB NOT NULL,
    person_name TEXT NOT NULL,
    credits_name TEXT NOT NULL,
    credits_symbol TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE followed (
    ref TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (ref, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX followed_hash ON followed (hash);
  CREATE TABLE let_in (contact TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE web_rpc (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
`,
];
