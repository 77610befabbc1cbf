import { seenHeadsMigration } from '../heads/seen.ts';

/* Whose ledgers these are is known by contact ids alone: a computer that is switched on by a stranger does not tell who they are. */
export const peersMigrations = [
  seenHeadsMigration,
  `
  CREATE TABLE joined (
    ref TEXT PRIMARY KEY,
    contact TEXT NOT NULL,
    genesis TEXT NOT NULL,
    contracts TEXT NOT NULL,
    head BLOB NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE followed (
    ref TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (ref, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX followed_hash ON followed (hash);
  CREATE TABLE lie (
    ref TEXT NOT NULL,
    contact TEXT NOT NULL,
    proof BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ref, contact)
  ) STRICT;
  CREATE TABLE let_in (contact TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE web_rpc (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
`,
];
