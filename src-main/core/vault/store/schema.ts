/**
 * The local catalogue. Names, sizes, dates and the tree are sealed (`items.sealed`, `manifests.sealed`); in clear are only
 * random ids, keyed chunk ids, lengths of chunks and where shards lie. `gen` is the generation in which a row last
 * changed: what is newer than `vault.published` goes into the next delta on the places.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE vault (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    k INTEGER NOT NULL,
    m INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    check_value BLOB NOT NULL,
    integrity BLOB NOT NULL,
    created INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    published INTEGER NOT NULL,
    restored INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE places (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    device TEXT NOT NULL,
    device_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'leaving')),
    added INTEGER NOT NULL,
    checked INTEGER,
    gen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE packs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('writing', 'stored', 'dead')),
    dir TEXT NOT NULL,
    k INTEGER NOT NULL,
    m INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    payload INTEGER NOT NULL,
    shard_length INTEGER NOT NULL,
    part INTEGER NOT NULL DEFAULT 0,
    parts INTEGER NOT NULL DEFAULT 1,
    generation INTEGER NOT NULL DEFAULT 0,
    previous INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    verified INTEGER,
    gen INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX packs_gen ON packs (gen);
  CREATE INDEX packs_state ON packs (state);
  CREATE TABLE shards (
    pack INTEGER NOT NULL REFERENCES packs (seq) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    place TEXT,
    state TEXT NOT NULL CHECK (state IN ('ok', 'missing', 'rotten')),
    PRIMARY KEY (pack, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX shards_place ON shards (place);
  CREATE INDEX shards_bad ON shards (state) WHERE state <> 'ok';
  CREATE TABLE chunks (
    id BLOB PRIMARY KEY,
    pack INTEGER NOT NULL REFERENCES packs (seq),
    idx INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    plain INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    refs INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX chunks_pack ON chunks (pack);
  CREATE TABLE items (id TEXT PRIMARY KEY, sealed BLOB NOT NULL, gen INTEGER NOT NULL) STRICT;
  CREATE INDEX items_gen ON items (gen);
  CREATE TABLE manifests (
    item TEXT PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    gen INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX manifests_gen ON manifests (gen);
  CREATE TABLE item_packs (
    item TEXT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    pack INTEGER NOT NULL REFERENCES packs (seq),
    PRIMARY KEY (item, pack)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX item_packs_pack ON item_packs (pack);
  CREATE TABLE gone (kind TEXT NOT NULL, id TEXT NOT NULL, gen INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT;
  `,
  // Packs on the places that no row knows, and when that was first seen; what the catalogue was made from: `since` the generation
  // read at the last rebuild, `gap` when something newer was there and could not be read (of a vault from before, not known).
  `
  CREATE TABLE strangers (id TEXT PRIMARY KEY, seen INTEGER NOT NULL) STRICT;
  CREATE TABLE lineage (one INTEGER PRIMARY KEY CHECK (one = 1), gap INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
  INSERT INTO lineage SELECT 1, count(*), coalesce(max(generation), 0) FROM vault;
  `,
  // Exports under way: the random tag in the names of files being written, and the directory they lie in.
  `
  CREATE TABLE exports (tag TEXT NOT NULL UNIQUE, directory TEXT NOT NULL) STRICT;
  `,
  // Places that are no directories (`address`, JSON; `path` is empty then), with what opens them (`sealed`); whose a place is and where
  // it stands (empty: the person's own, not said), how many bytes may be used there, and how much it is preferred.
  `
  ALTER TABLE places ADD COLUMN address TEXT;
  ALTER TABLE places ADD COLUMN sealed BLOB;
  ALTER TABLE places ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  ALTER TABLE places ADD COLUMN site TEXT NOT NULL DEFAULT '';
  ALTER TABLE places ADD COLUMN room INTEGER;
  ALTER TABLE places ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
  `,
  // Snapshots (docs/formats/vault.md, "Snapshots"). `born` is the first snapshot that sees a row, `died` the first that does not any
  // more; `next` is the number that the next snapshot gets. A snapshot without `sealed` is being taken.
  `
  CREATE TABLE snapshot_state (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL, policy TEXT) STRICT;
  INSERT INTO snapshot_state VALUES (1, 1, NULL);
  CREATE TABLE snapshots (number INTEGER PRIMARY KEY, sealed BLOB, gen INTEGER NOT NULL) STRICT;
  ALTER TABLE items ADD COLUMN born INTEGER NOT NULL DEFAULT 1;
  CREATE INDEX items_born ON items (born);
  CREATE TABLE past_items (
    item TEXT NOT NULL,
    born INTEGER NOT NULL,
    died INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    gen INTEGER NOT NULL,
    PRIMARY KEY (item, died)
  ) STRICT;
  CREATE INDEX past_items_died ON past_items (died);
  CREATE TABLE past_manifests (item TEXT PRIMARY KEY, sealed BLOB NOT NULL, gen INTEGER NOT NULL) STRICT;
  `,
  // What the vault does by itself (docs/formats/vault.md, "Upkeep"). `shard_checks`: when a shard was last read where it lies and found
  // right. `upkeep_places`: how far each place was read (`cursor`, of packs stored since then `fresh`), how long it was seen away
  // (ms of watching, not of the clock), what the last audit found. `repairs`: packs to be mended, tried again at `due`.
  `
  CREATE TABLE shard_checks (
    pack INTEGER NOT NULL REFERENCES packs (seq) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    place TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (pack, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE upkeep (one INTEGER PRIMARY KEY CHECK (one = 1), settings TEXT NOT NULL, counts TEXT NOT NULL, spreading TEXT NOT NULL) STRICT;
  INSERT INTO upkeep VALUES (1, '{}', '{}', '{}');
  CREATE TABLE upkeep_places (
    place TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    finished INTEGER,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    cursor INTEGER NOT NULL DEFAULT 0,
    fresh INTEGER NOT NULL,
    hurry INTEGER NOT NULL DEFAULT 0,
    away INTEGER NOT NULL DEFAULT 0,
    back INTEGER NOT NULL DEFAULT 0,
    planned INTEGER,
    asked INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    audited INTEGER,
    found INTEGER,
    faults INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE audit_plan (
    pack INTEGER NOT NULL REFERENCES packs (seq) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    block INTEGER NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (pack, idx, block)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE repairs (
    pack INTEGER PRIMARY KEY REFERENCES packs (seq) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE upkeep_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    count INTEGER NOT NULL
  ) STRICT;
  `,
  // Directories of this computer that are kept the same as folders of the vault, and what both sides last agreed on, by the vault's
  // item (watched/record.ts). Never on the places: another computer has directories of its own.
  `
  CREATE TABLE watched (id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE watched_agreed (
    watched TEXT NOT NULL REFERENCES watched (id) ON DELETE CASCADE,
    item TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (watched, item)
  ) STRICT, WITHOUT ROWID;
  `,
  // Keys of packs, wrapped under the epoch that `wrapped` begins with (format/wrapped-key.ts). NULL: derived, as of all before.
  `
  ALTER TABLE packs ADD COLUMN wrapped BLOB;
  `,
  // Which pieces of the catalogue each place has acknowledged, when each generation was copied there, and places that showed an old state
  // (store/old-states.ts). In the vault of an earlier release: what is there by its rows.
  `
  CREATE TABLE copies (
    pack INTEGER NOT NULL REFERENCES packs (seq) ON DELETE CASCADE,
    place TEXT NOT NULL,
    PRIMARY KEY (pack, place)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO copies SELECT seq, place FROM packs JOIN shards ON pack = seq
    WHERE kind <> 0 AND packs.state = 'stored' AND shards.state = 'ok' AND place IS NOT NULL;
  CREATE TABLE generations (generation INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE old_states (
    place TEXT PRIMARY KEY,
    seen INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    shown_at INTEGER,
    newest INTEGER NOT NULL,
    newest_at INTEGER,
    healed INTEGER
  ) STRICT;
  `,
  // Files of this computer as they were when they were put into the vault, by directory (service/put-sources.ts). Never on the places.
  `
  CREATE TABLE put_sources (directory TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  `,
  // What is known of the files of the person's other devices, and which item stands for what (devices/store.ts). Never on the places: a vault
  // that is rebuilt from these meets the other devices anew.
  `
  CREATE TABLE devices_self (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE devices_records (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE devices_agreed (entry TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE devices_readings (item TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE devices_intents (item TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // The head of the newest copy of the catalogue on the places (store/heads.ts), and what the person is told of the state that was taken up
  // (store/told-states.ts).
  `
  CREATE TABLE heads (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signed INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE told_states (
    kind TEXT PRIMARY KEY,
    seen INTEGER NOT NULL,
    shown_at INTEGER,
    known_at INTEGER
  ) STRICT;
  `,
];
