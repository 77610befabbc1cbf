import { fromHex } from '#core/crypto/ids.ts';
import { formatAddress, parseAddress } from './address.ts';
import { type Connection, keyBytes } from './metadata.ts';
import { parseToml, TomlError, type TomlTable, type TomlValue } from './toml.ts';

/** What of zstor's configuration says where objects lie and how they are written. Holds the key and passwords: never logged. */
export interface ZstorConfig {
  /** Data shards. */
  readonly k: number;
  readonly parity: number;
  /** Losses to survive: whole groups, and then so many backends in each group that is left. */
  readonly redundantGroups: number;
  readonly redundantNodes: number;
  /** Taken off the paths before they name objects. */
  readonly root: string | null;
  /** 32 bytes; seals objects and, as zstor has it, metadata. */
  readonly key: Uint8Array;
  readonly prefix: string;
  /** Exactly four, in the user mode of 0-db. */
  readonly metadata: readonly Connection[];
  /** In the sequential mode of 0-db. */
  readonly groups: readonly (readonly Connection[])[];
}

/** What is wrong with a configuration, in words; never a value of it, for some are secret. */
export class ConfigError extends Error {}

/** Data shards and parity shards each, by the erasure kernel; and backends in all, far beyond any deployment. */
export const mostShards = 64;
const mostBackends = 4096;

/** @throws ConfigError */
export function parseConfig(text: string): ZstorConfig {
  let table: TomlTable;
  try {
    table = parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) throw new ConfigError(`line ${error.line}: ${error.message}`);
    throw error;
  }
  return read(table);
}

function read(table: TomlTable): ZstorConfig {
  const top = fields(table, 'the configuration', [
    'minimal_shards',
    'expected_shards',
    'redundant_groups',
    'redundant_nodes',
    'root',
    'socket',
    'pid_file',
    'zdb_data_dir_path',
    'max_zdb_data_dir_size',
    'zdbfs_mountpoint',
    'prometheus_port',
    'encryption',
    'compression',
    'meta',
    'groups',
  ]);
  const k = count(top.minimal_shards, 'minimal_shards');
  const all = count(top.expected_shards, 'expected_shards');
  const parity = all - k;
  if (k < 1 || parity < 0) {
    throw new ConfigError('minimal_shards is at least 1, and expected_shards at least as many');
  }
  if (k > mostShards || parity > mostShards) {
    throw new ConfigError(
      `at most ${mostShards} minimal_shards are taken here, and ${mostShards} more of expected_shards`,
    );
  }
  const compression = fields(top.compression, '[compression]', ['algorithm']);
  if (compression.algorithm !== 'snappy') throw new ConfigError('the algorithm of [compression] is not "snappy"');
  const meta = fields(top.meta, '[meta]', ['type', 'config']);
  if (meta.type !== 'zdb') throw new ConfigError('the type of [meta] is not "zdb"');
  const store = fields(meta.config, '[meta.config]', ['prefix', 'encryption', 'backends']);
  // Read because it must be there; zstor seals metadata with the key above, and so do we.
  encryptionKey(store.encryption, '[meta.config.encryption]');
  const metadata = list(store.backends, '[[meta.config.backends]]').map(connection('a backend of [meta.config]'));
  if (metadata.length !== 4) {
    throw new ConfigError(`[[meta.config.backends]] must be given exactly 4 times, not ${metadata.length}`);
  }
  const groups = list(top.groups, '[[groups]]').map((group) =>
    list(fields(group, '[[groups]]', ['backends']).backends, '[[groups.backends]]').map(
      connection('a backend of [[groups]]'),
    ),
  );
  const backends = groups.flat();
  if (backends.length < all) {
    throw new ConfigError(
      `${all} backends are needed in [[groups]] for expected_shards, and ${backends.length} are given`,
    );
  }
  if (backends.length > mostBackends) throw new ConfigError(`more than ${mostBackends} backends are given`);
  const twice = backends.map(nameOf).find((name, i, names) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`the backend ${twice} is given twice`);
  return {
    k,
    parity,
    redundantGroups: count(top.redundant_groups, 'redundant_groups'),
    redundantNodes: count(top.redundant_nodes, 'redundant_nodes'),
    root: top.root === undefined ? null : text(top.root, 'root'),
    key: encryptionKey(top.encryption, '[encryption]'),
    prefix: text(store.prefix, 'prefix'),
    metadata,
    groups,
  };
}

/** A backend as people know it; its password stays out. */
export function nameOf({ address, namespace }: Connection): string {
  return `${formatAddress(address)}${namespace === null ? '' : ` ${namespace}`}`;
}

function fields<K extends string>(
  value: TomlValue | undefined,
  what: string,
  known: readonly K[],
): { [N in K]?: TomlValue } {
  if (value === undefined) throw new ConfigError(`${what} is missing`);
  if (typeof value !== 'object' || Array.isArray(value)) throw new ConfigError(`${what} is not a table`);
  const unknown = Object.keys(value).find((key) => !(known as readonly string[]).includes(key));
  if (unknown !== undefined) throw new ConfigError(`${what} has no ${JSON.stringify(unknown.slice(0, 64))}`);
  return value as { [N in K]?: TomlValue };
}

function list(value: TomlValue | undefined, what: string): readonly TomlValue[] {
  if (!Array.isArray(value)) throw new ConfigError(`${what} is missing`);
  return value;
}

function text(value: TomlValue | undefined, what: string): string {
  if (typeof value !== 'string') throw new ConfigError(`${what} is missing, or is not text in quotes`);
  return value;
}

function count(value: TomlValue | undefined, what: string): number {
  if (typeof value !== 'number' || value < 0) throw new ConfigError(`${what} is missing, or is no whole number`);
  return value;
}

function encryptionKey(value: TomlValue | undefined, what: string): Uint8Array {
  const { algorithm, key } = fields(value, what, ['algorithm', 'key']);
  if (algorithm !== 'AES') throw new ConfigError(`the algorithm of ${what} is not "AES"`);
  const bytes = typeof key === 'string' ? fromHex(key.toLowerCase()) : null;
  if (bytes?.length !== keyBytes) throw new ConfigError(`the key of ${what} is not 64 hex digits`);
  return bytes;
}

function connection(what: string): (value: TomlValue) => Connection {
  return (value) => {
    const { address, namespace, password } = fields(value, what, ['address', 'namespace', 'password']);
    const parsed = typeof address === 'string' ? parseAddress(address) : null;
    if (!parsed) {
      throw new ConfigError(`the address of ${what} is not IP:PORT or [IPv6]:PORT; names of hosts are not taken`);
    }
    return {
      address: parsed,
      namespace: namespace === undefined ? null : text(namespace, 'namespace'),
      password: password === undefined ? null : text(password, 'password'),
    };
  };
}
