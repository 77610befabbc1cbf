import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '#core/store/database.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';
import { migrations } from './schema.ts';

export interface Notice {
  readonly code: string;
  readonly text: string;
}

/**
 * Open `catalogue.db` of a directory, made if needed. A damaged one without a good copy is set aside for an empty one, to be filled
 * from the places; one restored from its copy is marked so.
 *
 * @throws Fail DATABASE_NEWER, DATABASE_UNREADABLE, DISK_FULL
 */
export function openCatalogue(
  directory: string,
  { host, log, home, syncLog }: Pick<VaultDeps, 'host' | 'log' | 'home' | 'syncLog'>,
): { database: Database; catalogue: Catalogue; notices: Notice[] } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'catalogue.db');
  const notices: Notice[] = [];
  const open = (): Database =>
    openDatabase({ path, migrations, log, bulk: true, ...(syncLog ? { syncLog: syncLog(`${path}-wal`) } : {}) });
  let database: Database;
  try {
    database = open();
  } catch (error) {
    if (!isFail(error, 'DATABASE_DAMAGED')) throw error;
    const aside = `${path}.damaged-${host.now()}`;
    renameSync(path, aside);
    for (const suffix of ['-wal', '-shm']) {
      try {
        renameSync(path + suffix, aside + suffix);
      } catch {
        // It need not exist.
      }
    }
    database = open();
    notices.push({
      code: 'VAULT_REBUILT',
      text: 'The vault’s catalogue was damaged; it is rebuilt from the copy on its places.',
    });
  }
  const catalogue = createCatalogue(database, home);
  if (database.notice) {
    notices.push(database.notice);
    catalogue.run('UPDATE vault SET restored = 1');
  }
  return { database, catalogue, notices };
}
