import type { Settings } from '#shared/contract/system.ts';
import type { SettingsStore } from './settings.ts';

/** Settings that go with a person from one computer to the next. Where QEMU lies, and that the first run is over, do not. */
type Personal = Pick<Settings, 'theme' | 'language' | 'notifications'>;

/** @param name what the person is called, where that is known */
export function createPreferences(settings: Pick<SettingsStore, 'get' | 'change'>, name: () => string | undefined) {
  return {
    read(): Personal & { readonly person?: string } {
      const { theme, language, notifications } = settings.get();
      const person = name();
      return { theme, language, notifications, ...(person === undefined ? {} : { person }) };
    },
    async write(part: { readonly [K in keyof Personal]?: Personal[K] | undefined }): Promise<void> {
      const given = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
      await settings.change(given);
    },
  };
}
