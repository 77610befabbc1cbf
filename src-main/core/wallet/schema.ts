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

export const walletMigrations: readonly string[] = [first];
