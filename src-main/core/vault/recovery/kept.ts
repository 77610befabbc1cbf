import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { rehearsalSchema } from '#shared/contract/vault/recovery.ts';
import type { VaultDeps } from '../ports.ts';

const keptSchema = z.object({
  version: z.literal(1),
  /** Of which vault, hex. */
  vault: z.string(),
  kit: z.object({ madeAt: z.number(), fingerprint: z.string(), places: z.string() }).nullable(),
  rehearsal: rehearsalSchema.nullable(),
});
type Kept = z.infer<typeof keptSchema>;

/**
 * `vault/recovery.json`: the last kit that was made (not the kit: when, and of which places) and how recovery was rehearsed last. Lost,
 * nothing is lost but that.
 */
export function createKept({ home, log }: Pick<VaultDeps, 'home' | 'log'>) {
  const path = join(home, 'vault', 'recovery.json');
  let writing: Promise<unknown> = Promise.resolve();
  const read = async (vault: string): Promise<Kept> => {
    const nothing: Kept = { version: 1, vault, kit: null, rehearsal: null };
    try {
      const kept = keptSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      return kept.vault === vault ? kept : nothing;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ path }, 'what is known of recovery is unreadable');
      return nothing;
    }
  };
  return {
    read,
    /** Durable when it resolves. */
    change(vault: string, part: Partial<Pick<Kept, 'kit' | 'rehearsal'>>): Promise<void> {
      const run = writing.then(async () => {
        const next = { ...(await read(vault)), ...part };
        await writeFileAtomic(path, `${JSON.stringify(next, null, 2)}\n`);
      });
      writing = run.catch(() => {});
      return run;
    },
  };
}
export type KeptRecovery = ReturnType<typeof createKept>;
