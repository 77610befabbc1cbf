import type { Database } from '#core/store/database.ts';
import { type MeshSettings, meshSettingsSchema } from '#shared/contract/mesh/index.ts';

import { sentMigration } from './post.ts';
import { topicsMigration } from './topic-list.ts';

export const meshMigrations = [
  `CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE peers (endpoint TEXT PRIMARY KEY, added_at INTEGER NOT NULL) STRICT;
   CREATE TABLE forwards (
     id TEXT PRIMARY KEY, target TEXT NOT NULL, port INTEGER NOT NULL, local_port INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE exposures (
     id TEXT PRIMARY KEY, port INTEGER NOT NULL UNIQUE, local_port INTEGER NOT NULL, allow TEXT NOT NULL
   ) STRICT;`,
  `${topicsMigration} ${sentMigration}`,
];

export interface StoredForward {
  readonly id: string;
  readonly target: string;
  readonly port: number;
  /** As it was given, or chosen at first: it stays. */
  readonly localPort: number;
}

export interface StoredExposure {
  readonly id: string;
  readonly port: number;
  readonly localPort: number;
  readonly allow: readonly string[];
}

export interface StoredSocks {
  readonly on: boolean;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface StoredHttpApi {
  readonly on: boolean;
  readonly topics: string[];
  readonly port: number;
}

export interface StoredNameServer {
  readonly on: boolean;
  readonly port: number;
  readonly upstream: string;
}

/** What the person chose about the mesh. Every change is durable when the call returns. */
export interface MeshStore {
  settings(): MeshSettings;
  change(part: Partial<MeshSettings>): MeshSettings;
  /** Not joined any more. @throws what the database says when that cannot be kept; until the next start it holds all the same */
  leave(): void;
  /** The port that peers found this node at when the wanted one was taken; null before that happened. */
  otherPort(): number | null;
  keepOtherPort(port: number): void;
  /** 32 bytes; null when none was given. */
  privateKey(): Uint8Array | null;
  /** Name and key change together. */
  usePrivateNetwork(name: string, key: Uint8Array | null): void;
  peers(): string[];
  addPeer(endpoint: string, at: number): void;
  removePeer(endpoint: string): boolean;
  forwards(): StoredForward[];
  putForward(forward: StoredForward): void;
  removeForward(id: string): boolean;
  exposures(): StoredExposure[];
  putExposure(exposure: StoredExposure): void;
  removeExposure(id: string): boolean;
  socks(): StoredSocks | null;
  putSocks(socks: StoredSocks): void;
  httpApi(): StoredHttpApi | null;
  putHttpApi(api: StoredHttpApi): void;
  nameServer(): StoredNameServer | null;
  putNameServer(nameServer: StoredNameServer): void;
  /** Keys (64 hex digits) of known people's nodes that once had a session with us, the newest ones. */
  hyphaNodes(): readonly string[];
  addHyphaNode(publicKey: string): void;
}

/** As many as there can be contacts' devices worth remembering. */
const mostHyphaNodes = 10_000;

export function createMeshStore({ db, transaction }: Database): MeshStore {
  const read = db.prepare('SELECT value FROM config WHERE key = ?');
  const write = db.prepare(
    'INSERT INTO config (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const forget = db.prepare('DELETE FROM config WHERE key = ?');
  const get = (key: string): unknown => {
    const row = read.get(key);
    return row === undefined ? undefined : JSON.parse(row.value as string);
  };
  const put = (key: string, value: unknown): void => void write.run(key, JSON.stringify(value));

  let hyphaNodes = (get('hypha-nodes') as string[] | undefined) ?? [];

  /** The person left, and no disk that is full keeps them in. */
  let left = false;
  const settings = (): MeshSettings => {
    const kept = meshSettingsSchema.parse(get('settings') ?? {});
    return left ? { ...kept, joined: false } : kept;
  };
  const change = (part: Partial<MeshSettings>): MeshSettings => {
    const next = meshSettingsSchema.parse({ ...settings(), ...part });
    put('settings', next);
    left = false;
    return next;
  };

  return {
    settings,
    change,
    leave() {
      left = true;
      change({ joined: false });
    },
    otherPort: () => (get('other-port') as number | undefined) ?? null,
    keepOtherPort(port) {
      if (get('other-port') !== port) put('other-port', port);
    },
    privateKey() {
      const key = get('private-key');
      return typeof key === 'string' ? Uint8Array.from(Buffer.from(key, 'hex')) : null;
    },
    usePrivateNetwork(name, key) {
      transaction(() => {
        change({ privateNetwork: name });
        if (key === null) forget.run('private-key');
        else put('private-key', Buffer.from(key).toString('hex'));
      });
    },
    peers: () =>
      db
        .prepare('SELECT endpoint FROM peers ORDER BY added_at, endpoint')
        .all()
        .map((row) => row.endpoint as string),
    addPeer: (endpoint, at) => void db.prepare('INSERT OR IGNORE INTO peers VALUES (?, ?)').run(endpoint, at),
    removePeer: (endpoint) => db.prepare('DELETE FROM peers WHERE endpoint = ?').run(endpoint).changes > 0,
    forwards: () =>
      db
        .prepare('SELECT id, target, port, local_port FROM forwards ORDER BY rowid')
        .all()
        .map((row) => ({
          id: row.id as string,
          target: row.target as string,
          port: row.port as number,
          localPort: row.local_port as number,
        })),
    putForward: ({ id, target, port, localPort }) =>
      void db.prepare('INSERT OR REPLACE INTO forwards VALUES (?, ?, ?, ?)').run(id, target, port, localPort),
    removeForward: (id) => db.prepare('DELETE FROM forwards WHERE id = ?').run(id).changes > 0,
    exposures: () =>
      db
        .prepare('SELECT id, port, local_port, allow FROM exposures ORDER BY rowid')
        .all()
        .map((row) => ({
          id: row.id as string,
          port: row.port as number,
          localPort: row.local_port as number,
          allow: JSON.parse(row.allow as string) as string[],
        })),
    putExposure: ({ id, port, localPort, allow }) =>
      void db
        .prepare('INSERT OR REPLACE INTO exposures VALUES (?, ?, ?, ?)')
        .run(id, port, localPort, JSON.stringify(allow)),
    removeExposure: (id) => db.prepare('DELETE FROM exposures WHERE id = ?').run(id).changes > 0,
    socks: () => (get('socks') as StoredSocks | undefined) ?? null,
    putSocks: (socks) => put('socks', socks),
    httpApi: () => (get('http-api') as StoredHttpApi | undefined) ?? null,
    putHttpApi: (api) => put('http-api', api),
    nameServer: () => (get('name-server') as StoredNameServer | undefined) ?? null,
    putNameServer: (nameServer) => put('name-server', nameServer),
    hyphaNodes: () => hyphaNodes,
    addHyphaNode(publicKey) {
      hyphaNodes = [...hyphaNodes.filter((one) => one !== publicKey), publicKey].slice(-mostHyphaNodes);
      put('hypha-nodes', hyphaNodes);
    },
  };
}
