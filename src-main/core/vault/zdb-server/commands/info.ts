import { join } from 'node:path';
import type { Namespace } from '../namespaces.ts';
import { bulkText } from '../wire/reply.ts';
import { type Ground, type Handler, now, type Session } from './answer.ts';

/* INFO and the text of NSINFO, line by line as 0-db writes them: zstor reads the latter by the names before `: `. */

const mebi = (bytes: number): string => (bytes / 1048576).toFixed(2);
const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
const revision = 'v2.0.7';

/** 64 bits with the bytes turned round, as 0-db prints the next key of sequential mode. */
function turnedHex(id: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(id));
  return bytes.toString('hex').replace(/^0+/, '').padStart(8, '0');
}

export function namespaceInfo(ground: Ground, session: Session, namespace: Namespace): string {
  const { settings, store } = namespace;
  const { entries, liveBytes, nextId, memory, dataFile, dataEnd } = store.stats();
  const { counts } = store;
  const adminGuards = namespace === ground.namespaces.default && ground.protect && ground.admin !== null;
  const index = join(ground.directory, 'index', namespace.name);
  const data = join(ground.directory, 'data', namespace.name);
  const free = freeBytes(ground);
  const lines = [
    '# namespace',
    `name: ${namespace.name}`,
    `entries: ${entries}`,
    `public: ${yesNo(settings.isPublic)}`,
    `worm: ${yesNo(settings.worm)}`,
    `locked: ${yesNo(settings.lock !== 'open')}`,
    `password: ${yesNo(adminGuards || namespace.password !== null)}`,
    `data_size_bytes: ${liveBytes}`,
    `data_size_mb: ${mebi(liveBytes)}`,
    `data_limits_bytes: ${settings.maxsize}`,
    `index_size_bytes: ${memory}`,
    `index_size_kb: ${(memory / 1024).toFixed(2)}`,
    `next_internal_id: 0x${turnedHex(nextId)}`,
    `mode: ${store.mode() === 'seq' ? 'sequential' : 'userkey'}`,
    `stats_index_io_errors: ${counts.indexErrors}`,
    `stats_index_io_error_last: ${counts.indexErrorAt}`,
    'stats_index_faults: 0',
    `stats_data_io_errors: ${counts.dataErrors}`,
    `stats_data_io_error_last: ${counts.dataErrorAt}`,
    'stats_data_faults: 0',
    ...(settings.maxsize > 0 ? [`space_available: ${Math.max(0, settings.maxsize - liveBytes)}`] : []),
    `index_disk_freespace_bytes: ${free}`,
    `index_disk_freespace_mb: ${mebi(free)}`,
    `data_disk_freespace_bytes: ${free}`,
    `data_disk_freespace_mb: ${mebi(free)}`,
    ...(session.admin
      ? [
          `data_path: ${data}`,
          `data_active: ${join(data, `d${dataFile}`)}`,
          `index_path: ${index}`,
          `index_active: ${join(index, `i${dataFile}`)}`,
          `data_current_id: ${dataFile}`,
          `data_current_offset: ${dataEnd}`,
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function freeBytes(ground: Ground): number {
  try {
    return ground.disk.free(ground.directory);
  } catch {
    return 0;
  }
}

export const info: Handler = (ground) => {
  const { counts } = ground;
  const sum = (pick: (namespace: Namespace) => number): number =>
    ground.namespaces.list().reduce((total, namespace) => total + pick(namespace), 0);
  const indexRead = sum(({ store }) => store.counts.indexRead);
  const indexWritten = sum(({ store }) => store.counts.indexWritten);
  const dataRead = sum(({ store }) => store.counts.dataRead);
  const dataWritten = sum(({ store }) => store.counts.dataWritten);
  const indexErrors = sum(({ store }) => store.counts.indexErrors);
  const dataErrors = sum(({ store }) => store.counts.dataErrors);
  const lines = [
    '# server',
    'server_name: 0-db (zdb)',
    `server_revision: ${revision}`,
    `engine_revision: ${revision}`,
    `instance_id: ${ground.instance}`,
    `boot_time: ${Math.floor(ground.startedAt / 1000)}`,
    `uptime: ${Math.max(0, Math.floor((ground.now() - ground.startedAt) / 1000))}`,
    '',
    '# clients',
    `clients_lifetime: ${counts.clients}`,
    '',
    '# internals',
    'sequential_key_size: 8',
    'data_version: 3',
    'index_version: 4',
    '',
    '# stats',
    `commands_executed: ${counts.executed}`,
    `commands_failed: ${counts.failed}`,
    `commands_unauthorized: ${counts.unauthorized}`,
    // Reading and writing share one count each here, told where something is lost by it.
    'index_disk_read_failed: 0',
    `index_disk_write_failed: ${indexErrors}`,
    'data_disk_read_failed: 0',
    `data_disk_write_failed: ${dataErrors}`,
    `index_disk_read_bytes: ${indexRead}`,
    `index_disk_read_mb: ${mebi(indexRead)}`,
    `index_disk_write_bytes: ${indexWritten}`,
    `index_disk_write_mb: ${mebi(indexWritten)}`,
    `data_disk_read_bytes: ${dataRead}`,
    `data_disk_read_mb: ${mebi(dataRead)}`,
    `data_disk_write_bytes: ${dataWritten}`,
    `data_disk_write_mb: ${mebi(dataWritten)}`,
    `network_rx_bytes: ${counts.received}`,
    `network_rx_mb: ${mebi(counts.received)}`,
    `network_tx_bytes: ${counts.sent}`,
    `network_tx_mb: ${mebi(counts.sent)}`,
  ];
  return now(bulkText(`${lines.join('\n')}\n`));
};
