import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import { ownBackupMigration, ownMigration } from './own/register.ts';

/**
 * What is known beside the chains themselves: which ledger is one's own and how far it was, and those of others. A file of its own, so that an
 * old copy of the ledger is told from what was known here.
 */
export const openKnown = (home: string, log: Logger): Database =>
  openDatabase({ path: join(home, 'ledger', 'known.db'), migrations: [ownMigration, ownBackupMigration], log });
