import type { Host } from '#core/host.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { badConfig } from './failures.ts';

/**
 * Configurations that a person was asked about: who allows files to go to the hosts of one must not find them gone to the hosts of
 * another that was put in its place meanwhile.
 */
export interface SeenConfigs {
  /** Look before asking. @throws Fail BAD_CONFIG */
  look(path: string): Promise<void>;
  /** The path, with where its backends are as far as it was looked at. */
  words(path: string): string;
  /** Read it to be used. @throws Fail BAD_CONFIG also when it is another than was asked about */
  use(path: string): Promise<ConfigFile>;
}

/** How long an answer may take; after that what was asked about counts no more. */
const rememberMs = 60 * 60_000;
const mostRemembered = 64;

export function createSeenConfigs(host: Pick<Host, 'now'>): SeenConfigs {
  const seen = new Map<string, { readonly digest: string; readonly hosts: string; readonly at: number }>();
  const fresh = (path: string) => {
    const known = seen.get(path);
    return known && host.now() - known.at <= rememberMs ? known : null;
  };
  return {
    async look(path) {
      const { digest, hosts } = await readConfigFile(path);
      seen.delete(path);
      seen.set(path, { digest, hosts, at: host.now() });
      const [oldest] = seen.keys();
      if (seen.size > mostRemembered && oldest !== undefined) seen.delete(oldest);
    },
    words(path) {
      const known = fresh(path);
      return known ? `${path} (${known.hosts})` : path;
    },
    async use(path) {
      const asked = fresh(path);
      seen.delete(path);
      const file = await readConfigFile(path);
      if (asked && asked.digest !== file.digest) throw badConfig(path, 'it was changed after it was asked about');
      return file;
    },
  };
}
