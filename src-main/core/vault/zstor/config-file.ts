import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { sha256 } from '#core/crypto/hash.ts';
import { toHex } from '#core/crypto/ids.ts';
import { formatIp } from './address.ts';
import { ConfigError, parseConfig, type ZstorConfig } from './config.ts';
import { badConfig } from './failures.ts';
import { mostToml } from './toml.ts';

export interface ConfigFile {
  readonly config: ZstorConfig;
  /** Tells whether the file is the same as before; SHA-256. */
  readonly digest: string;
  /** Where data goes, for a person: how many backends, and their hosts. */
  readonly hosts: string;
}

/** @throws Fail BAD_CONFIG, in words that hold nothing secret */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  if (!isAbsolute(path)) throw badConfig(path, 'it is not a full path');
  let bytes: Uint8Array;
  try {
    // With these flags a pipe keeps nobody waiting for who writes to it.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const info = await handle.stat();
      if (!info.isFile()) throw badConfig(path, 'it is not a file');
      if (info.size > mostToml) throw badConfig(path, 'it is longer than any configuration');
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'BAD_CONFIG') throw error;
    throw badConfig(path, code === 'ENOENT' ? 'it is not there' : `it cannot be read (${code ?? 'unknown'})`);
  }
  try {
    const config = parseConfig(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { config, digest: toHex(sha256(bytes)), hosts: hostsOf(config) };
  } catch (error) {
    if (error instanceof ConfigError) throw badConfig(path, error.message);
    throw badConfig(path, 'it is not text in UTF-8');
  }
}

const mostHosts = 6;

function hostsOf({ metadata, groups }: ZstorConfig): string {
  const all = [...metadata, ...groups.flat()];
  const hosts = [...new Set(all.map(({ address }) => formatIp(address.ip)))];
  const named = hosts.slice(0, mostHosts).join(', ');
  return `${all.length} backends at ${named}${hosts.length > mostHosts ? ` and ${hosts.length - mostHosts} more` : ''}`;
}
