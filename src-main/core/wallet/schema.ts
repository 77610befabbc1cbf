/** Amounts are decimal texts: SQLite's integers end at 64 bits. Times are milliseconds since 1970, a block's too. */
const first = `
  CREATE TABLE accounts (
    address TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('phrase', 'imported', 'watched')),
    position INTEGER,
    sealed BLOB,
    name TEXT NOT NULL,
    main INTEGER NOT NULL DEFAULT 0,
    added_at INTEGER NOT NULL,
    removed_at INTEGER
  ) STRICT;

  CREATE TABLE sends (
    hash TEXT PRIMARY KEY,
    chain TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'faster', 'cancel')),
    sender TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    recipient TEXT,
    data TEXT NOT NULL,
    value TEXT NOT NULL,
    gas TEXT NOT NULL,
    max_fee TEXT NOT NULL,
    tip TEXT,
    raw BLOB NOT NULL,
    about TEXT NOT NULL,
    details TEXT,
    state TEXT NOT NULL CHECK (state IN ('written', 'waiting', 'included', 'done', 'refused', 'replaced', 'lost')),
    made_at INTEGER NOT NULL,
    sent_at INTEGER,
    receipt TEXT,
    fee TEXT,
    refusal TEXT
  ) STRICT;
  CREATE UNIQUE INDEX sends_key ON sends (key) WHERE kind = 'first';
  CREATE INDEX sends_place ON sends (chain, sender, nonce);
  CREATE INDEX sends_open ON sends (state) WHERE state IN ('written', 'waiting', 'included', 'refused');
`;

const money = `
  -- Where it stands in the list: by the time of its block once it is in one.
  ALTER TABLE sends ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  UPDATE sends SET at = made_at;
  CREATE INDEX sends_time ON sends (at);

  CREATE TABLE tokens (
    chain TEXT NOT NULL,
    address TEXT NOT NULL,
    symbol TEXT NOT NULL,
    name TEXT NOT NULL,
    decimals INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('credits', 'preset', 'added')),
    checked_at INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chain, address)
  ) STRICT;

  -- What came and went by the logs of tokens. A transfer between two own accounts is two rows.
  CREATE TABLE transfers (
    chain TEXT NOT NULL,
    account TEXT NOT NULL,
    hash TEXT NOT NULL,
    position INTEGER NOT NULL,
    token TEXT NOT NULL,
    incoming INTEGER NOT NULL,
    other TEXT NOT NULL,
    amount TEXT NOT NULL,
    block INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (chain, hash, position, account)
  ) STRICT;
  CREATE INDEX transfers_time ON transfers (at);

  -- Blocks from \`first\` to \`upto\` were looked through, and are so deep that they stay.
  CREATE TABLE scans (
    chain TEXT NOT NULL,
    account TEXT NOT NULL,
    token TEXT NOT NULL,
    first INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    PRIMARY KEY (chain, account, token)
  ) STRICT;

  CREATE TABLE addresses (
    contact TEXT PRIMARY KEY,
    address TEXT,
    origin TEXT CHECK (origin IN ('you', 'them')),
    since INTEGER,
    offered TEXT,
    offered_at INTEGER,
    told_at INTEGER
  ) STRICT;
`;

export const walletMigrations: readonly string[] = [first, money];
