/**
 * What one ledger is made of, in one SQLite database, so that a block is all there or not at all. Hashes and addresses are bytes;
 * nodes of the state are kept for ever, under their own hash (codes under `c` and theirs), so every old state can be read.
 */
export const ledgerMigrations: readonly string[] = [
  `
  CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE block (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    header BLOB NOT NULL
  );
  CREATE TABLE tx (
    hash BLOB PRIMARY KEY,
    block INTEGER NOT NULL REFERENCES block,
    position INTEGER NOT NULL,
    raw BLOB NOT NULL,
    sender BLOB NOT NULL,
    receiver BLOB,
    created BLOB,
    status INTEGER NOT NULL,
    gas INTEGER NOT NULL,
    gas_so_far INTEGER NOT NULL,
    price TEXT NOT NULL,
    bloom BLOB NOT NULL,
    reason BLOB,
    UNIQUE (block, position)
  ) WITHOUT ROWID;
  CREATE INDEX tx_sender ON tx (sender, block);
  CREATE INDEX tx_receiver ON tx (receiver, block);
  CREATE TABLE log (
    block INTEGER NOT NULL REFERENCES block,
    number INTEGER NOT NULL,
    tx BLOB NOT NULL,
    address BLOB NOT NULL,
    topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB,
    data BLOB NOT NULL,
    PRIMARY KEY (block, number)
  ) WITHOUT ROWID;
  CREATE INDEX log_address ON log (address, block);
  CREATE INDEX log_topic ON log (topic0, block);
  `,
];
