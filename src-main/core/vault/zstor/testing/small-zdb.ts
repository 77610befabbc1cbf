import { bulk, startScriptedServer } from '../../remote/testing/scripted-server.ts';

/** One namespace with the words of 0-db that zstor's format needs, on a real socket of this computer. */
export interface SmallZdb {
  readonly port: number;
  /** Values by key in hex, in the order they came. */
  readonly values: Map<string, Uint8Array>;
  /** Words before which the server answers nothing good any more, as a disk that fails does. */
  failing: 'no' | 'writes' | 'all';
  /** 0: none. */
  limit: number;
  close(): Promise<void>;
}

export async function startSmallZdb(mode: 'user' | 'sequential', namespace = 'default'): Promise<SmallZdb> {
  const values = new Map<string, Uint8Array>();
  let next = 0n;
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
  const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
  const used = (): number => [...values.values()].reduce((sum, { length }) => sum + length, 0);
  const info = (): string =>
    [
      '# namespace',
      `name: ${namespace}`,
      `entries: ${values.size}`,
      'public: yes',
      'worm: no',
      'locked: no',
      'password: no',
      `data_size_bytes: ${used()}`,
      `data_limits_bytes: ${zdb.limit}`,
      'index_size_bytes: 0',
      `mode: ${mode === 'user' ? 'userkey' : 'sequential'}`,
      '',
    ].join('\n');
  const set = (key: Uint8Array, value: Uint8Array): string | Uint8Array => {
    let name = key;
    if (mode === 'sequential') {
      if (key.length > 0) return '-Invalid key, only update authorized\r\n';
      name = new Uint8Array(8);
      new DataView(name.buffer).setBigUint64(0, next++, true);
    }
    values.set(hex(name), new Uint8Array(value));
    return bulk(name);
  };
  const scan = (cursor: Uint8Array | undefined): string | Uint8Array => {
    const from = cursor ? new DataView(cursor.buffer, cursor.byteOffset).getUint32(0) : 0;
    const page = [...values].slice(from, from + 2);
    if (page.length === 0) return '-No more data\r\n';
    const at = Buffer.alloc(17);
    at.writeUInt32BE(from + page.length);
    const entries = page.map(([key, value]) =>
      Buffer.concat([Buffer.from('*3\r\n'), bulk(Buffer.from(key, 'hex')), Buffer.from(`:${value.length}\r\n:1\r\n`)]),
    );
    return Buffer.concat([Buffer.from('*2\r\n'), bulk(at), Buffer.from(`*${entries.length}\r\n`), ...entries]);
  };
  const server = await startScriptedServer((words) => {
    const [command, key, value] = words;
    if (zdb.failing === 'all') return '-Internal Error\r\n';
    switch (text(command)) {
      case 'NSINFO':
        return bulk(info());
      case 'SELECT':
        return '+OK\r\n';
      case 'SET':
        return zdb.failing === 'writes'
          ? '-Cannot write data right now\r\n'
          : set(key ?? new Uint8Array(0), value ?? new Uint8Array(0));
      case 'GET':
        return bulk0(values.get(hex(key)));
      case 'LENGTH':
        return values.has(hex(key)) ? `:${values.get(hex(key))?.length}\r\n` : '$-1\r\n';
      case 'DEL':
        return values.delete(hex(key)) ? '+OK\r\n' : '-Key not found\r\n';
      case 'SCAN':
        return scan(key);
      default:
        return '-Command not supported\r\n';
    }
  });
  const zdb: SmallZdb = { port: server.port, values, failing: 'no', limit: 0, close: server.close };
  return zdb;
}

const bulk0 = (value: Uint8Array | undefined): string | Uint8Array => (value ? bulk(value) : '$-1\r\n');
