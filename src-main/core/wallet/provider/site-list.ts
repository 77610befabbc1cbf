import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { type ConnectedSite, connectedSiteSchema } from '#shared/contract/wallet/sites.ts';
import { fail } from '#shared/rpc/fail.ts';

/** More sites than a person uses; the list is read as a whole. */
const mostSites = 200;

const fileSchema = z.object({
  version: z.literal(1),
  /** Null: off. */
  port: z.number().int().min(0).max(65_535).nullable(),
  sites: z.array(connectedSiteSchema).max(mostSites),
});
type Kept = z.infer<typeof fileSchema>;

export interface SiteList {
  port(): number | null;
  all(): readonly ConnectedSite[];
  of(site: string): ConnectedSite | null;
  /** Durable when they resolve. */
  setPort(port: number | null): Promise<void>;
  /** @throws Fail SITES_FULL */
  put(site: ConnectedSite): Promise<void>;
  remove(site: string): Promise<boolean>;
}

/** `wallet/sites.json`. One that cannot be read is an empty list: no site sees anything then, and asks again. */
export async function openSiteList(home: string, log: Logger): Promise<SiteList> {
  const path = join(home, 'wallet', 'sites.json');
  let kept: Kept = { version: 1, port: null, sites: [] };
  try {
    kept = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ path, error: String(error) }, 'the list of sites is unreadable');
  }
  let writing: Promise<unknown> = Promise.resolve();
  const change = (next: (now: Kept) => Kept): Promise<void> => {
    const run = writing.then(async () => {
      const changed = next(kept);
      await mkdir(join(home, 'wallet'), { recursive: true, mode: 0o700 });
      await writeFileAtomic(path, `${JSON.stringify(changed, null, 2)}\n`);
      kept = changed;
    });
    // One write at a time; a failed one does not hold up the next.
    writing = run.catch(() => {});
    return run;
  };
  const without = (site: string) => kept.sites.filter((one) => one.site !== site);
  return {
    port: () => kept.port,
    all: () => kept.sites,
    of: (site) => kept.sites.find((one) => one.site === site) ?? null,
    setPort: (port) => change((now) => ({ ...now, port })),
    put: (site) =>
      change((now) => {
        const sites = [...without(site.site), site];
        if (sites.length > mostSites)
          throw fail('SITES_FULL', 'Too many sites are connected.', {
            meaning: 'The site sees nothing.',
            next: 'Disconnect one that you do not use.',
          });
        return { ...now, sites };
      }),
    async remove(site) {
      if (!kept.sites.some((one) => one.site === site)) return false;
      await change((now) => ({ ...now, sites: without(site) }));
      return true;
    },
  };
}
