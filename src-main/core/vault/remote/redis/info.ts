/** What INFO tells, as far as a place needs it. All of it may be missing: not every server of this protocol has it. */
export interface RedisInfo {
  /** Bytes; 0: no limit. */
  readonly memoryLimit: number;
  readonly memoryUsed: number;
  /** Throws away any key when it is full. */
  readonly evicts: boolean;
  readonly replica: boolean;
  readonly appendOnly: boolean;
  /** A sync of the log is under way. */
  readonly syncing: boolean;
  readonly appendFailed: boolean;
  readonly saving: boolean;
  readonly saveFailed: boolean;
  readonly unsaved: number | null;
}

/** Lines `key:value` below `# headings`; unknown ones are passed over. */
export function parseRedisInfo(text: string): RedisInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  const count = (key: string): number | null => {
    const value = fields.get(key) ?? '';
    return /^\d{1,19}$/.test(value) ? Number(value) : null;
  };
  return {
    memoryLimit: count('maxmemory') ?? 0,
    memoryUsed: count('used_memory') ?? 0,
    evicts: (fields.get('maxmemory_policy') ?? '').startsWith('allkeys'),
    replica: fields.get('role') === 'slave',
    appendOnly: fields.get('aof_enabled') === '1',
    syncing: (count('aof_pending_bio_fsync') ?? 0) > 0,
    appendFailed: fields.get('aof_last_write_status') === 'err',
    saving: fields.get('rdb_bgsave_in_progress') === '1',
    saveFailed: fields.get('rdb_last_bgsave_status') === 'err',
    unsaved: count('rdb_changes_since_last_save'),
  };
}
