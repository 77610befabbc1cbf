import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings, settingsSchema } from '#shared/contract/system.ts';
import type { Emit, Logger } from '../host.ts';
import { writeFileAtomic } from '../store/atomic-file.ts';

const version = 1;

export interface SettingsStore {
  get(): Settings;
  /** Durable when it resolves. */
  change(part: Partial<Settings>): Promise<Settings>;
  /** Set when the file could not be read and defaults are in force. */
  readonly notice: { code: 'SETTINGS_RESET'; text: string } | null;
}

/**
 * Settings in `settings.json`: `{"version":1,"settings":{…}}`. A value of the wrong shape falls back to its default by
 * itself; an unreadable file falls back as a whole, with a notice, and is kept as `settings.json.damaged`.
 */
export async function openSettings(home: string, emit: Emit, log: Logger): Promise<SettingsStore> {
  const path = join(home, 'settings.json');
  let notice: SettingsStore['notice'] = null;
  let settings = settingsSchema.parse({});
  try {
    settings = readEach(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ path, error: String(error) }, 'settings unreadable');
      // Out of the way, so that the next change can be written; where that fails, the change says why.
      await rename(path, `${path}.damaged`).catch(() => {});
      notice = {
        code: 'SETTINGS_RESET',
        text: 'The settings file could not be read. Settings are back at their defaults; nothing else is affected.',
      };
    }
  }
  let writing: Promise<unknown> = Promise.resolve();
  return {
    notice,
    get: () => settings,
    change(part) {
      const run = writing.then(async () => {
        const next = settingsSchema.parse({ ...settings, ...part });
        await writeFileAtomic(path, `${JSON.stringify({ version, settings: next }, null, 2)}\n`);
        settings = next;
        emit({ topic: 'settings', ids: [] });
        return next;
      });
      // One write at a time, in order; a failed one does not hold up the next.
      writing = run.catch(() => {});
      return run;
    },
  };
}

function readEach(file: unknown): Settings {
  const stored = (file as { settings?: Record<string, unknown> } | null)?.settings ?? {};
  const kept = Object.entries(settingsSchema.shape).filter(
    ([key, shape]) => key in stored && shape.safeParse(stored[key]).success,
  );
  return settingsSchema.parse(Object.fromEntries(kept.map(([key]) => [key, stored[key]])));
}
