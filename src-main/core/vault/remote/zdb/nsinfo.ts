import { ConnectionError } from '../resp/reply.ts';

/** What NSINFO tells of a namespace; sizes in bytes, of live values. */
export interface NamespaceInfo {
  readonly name: string;
  readonly entries: number;
  /** Without the password it can be read (and, where there is none, written). */
  readonly public: boolean;
  readonly password: boolean;
  readonly worm: boolean;
  /** Locked or frozen. */
  readonly locked: boolean;
  readonly mode: 'user' | 'sequential';
  readonly used: number;
  /** 0: none. */
  readonly limit: number;
  /** Free on the disks of the server, where it says so. */
  readonly indexFree: number | null;
  readonly dataFree: number | null;
}

/**
 * The text is lines `key: value` behind `# namespace`; later versions add lines, which are passed over.
 *
 * @throws ConnectionError `protocol` where what every 0-db says is missing or no number
 */
export function parseNamespaceInfo(text: string): NamespaceInfo {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2).trim());
  }
  const field = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw unclear(key);
    return value;
  };
  const count = (key: string): number => {
    const value = field(key);
    if (!/^\d{1,20}$/.test(value)) throw unclear(key);
    // A disk of more than 2^53 bytes is told a little wrong.
    return Number(value);
  };
  const mode = field('mode');
  if (mode !== 'userkey' && mode !== 'sequential') throw unclear('mode');
  return {
    name: field('name'),
    entries: count('entries'),
    public: field('public') === 'yes',
    password: field('password') === 'yes',
    worm: field('worm') === 'yes',
    locked: field('locked') === 'yes',
    mode: mode === 'userkey' ? 'user' : 'sequential',
    used: count('data_size_bytes'),
    limit: count('data_limits_bytes'),
    indexFree: fields.has('index_disk_freespace_bytes') ? count('index_disk_freespace_bytes') : null,
    dataFree: fields.has('data_disk_freespace_bytes') ? count('data_disk_freespace_bytes') : null,
  };
}

const unclear = (key: string): ConnectionError =>
  new ConnectionError('protocol', `The 0-db tells nothing clear of its namespace (${key}).`);
