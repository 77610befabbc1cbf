/**
 * The mailbox has a database file of its own (`mailbox.db`): strangers fill it, so neither its growth nor damage to it, nor
 * an older copy put in its place, touches anything else. Given to `openDatabase` by whoever composes the app.
 *
 * - `outbox`: what we send. The row is kept a while to answer what became of it; `data` is null once that is over, but for what
 *   the person wrote (`letter`), which is theirs to read again. That it is sent and that it is shown is one row, so that no end of
 *   the program comes between the two. Times are milliseconds since 1970 UTC; `ended` is null while it waits. A letter to somebody
 *   with several devices is one row for each: the first is the letter, with its content and the id of the `contact`; the others
 *   are copies of it (`copy_of`, its seq), each with an id and a state of its own.
 * - `inbox`: what we got and did not hand out. `scope` is the topic in hex, or for an answer that of what it answers: who may
 *   read a topic may read the answers to it.
 * - `seen`: what was ever taken lately, so that a message sent twice is kept once. `key` is the sender's public key.
 */
export const mailboxMigrations: readonly string[] = [
  `CREATE TABLE outbox (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     reply INTEGER NOT NULL,
     destination BLOB NOT NULL,
     topic BLOB NOT NULL,
     size INTEGER NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'received', 'read', 'expired', 'cancelled')),
     ended INTEGER,
     data BLOB
   ) STRICT;
   CREATE INDEX outbox_id ON outbox (id);
   CREATE INDEX outbox_ended ON outbox (ended);
   CREATE TABLE inbox (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     reply INTEGER NOT NULL,
     source BLOB NOT NULL,
     key BLOB NOT NULL,
     destination BLOB NOT NULL,
     topic BLOB NOT NULL,
     scope TEXT NOT NULL,
     size INTEGER NOT NULL,
     received INTEGER NOT NULL,
     read INTEGER,
     data BLOB NOT NULL
   ) STRICT;
   CREATE INDEX inbox_scope ON inbox (scope, seq);
   CREATE INDEX inbox_read ON inbox (read) WHERE read IS NOT NULL;
   CREATE TABLE seen (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     key BLOB NOT NULL,
     id TEXT NOT NULL,
     digest BLOB NOT NULL,
     scope TEXT NOT NULL,
     UNIQUE (key, id, digest)
   ) STRICT;
   CREATE INDEX seen_key ON seen (key, seq);
   CREATE INDEX seen_id ON seen (id);`,
  'CREATE INDEX inbox_id ON inbox (id);',
  `ALTER TABLE outbox ADD COLUMN letter INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX outbox_letter ON outbox (seq) WHERE letter = 1;`,
  `ALTER TABLE outbox ADD COLUMN contact TEXT;
   ALTER TABLE outbox ADD COLUMN copy_of INTEGER;
   CREATE INDEX outbox_contact ON outbox (expires) WHERE contact IS NOT NULL;
   CREATE INDEX outbox_copy ON outbox (copy_of) WHERE copy_of IS NOT NULL;`,
];
