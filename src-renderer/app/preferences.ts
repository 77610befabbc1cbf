import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '#shared/contract/system.ts';
import { pickLanguage } from '#shared/i18n/index.ts';
import { applyLanguage } from '../lib/i18n.ts';

const themeKey = 'hypha.theme';

/** Put the theme on the page and remember it for the next first paint. */
export function applyTheme(theme: Settings['theme']): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(themeKey);
    else localStorage.setItem(themeKey, theme);
  } catch {
    // Storage may be barred: the next start then begins in the system's colours.
  }
}

/** Theme and language as the settings say, on every window at once. */
export function usePreferences(settings: Settings | undefined): void {
  const { i18n } = useTranslation();
  const theme = settings?.theme;
  const language = settings?.language;
  useEffect(() => {
    if (theme) applyTheme(theme);
  }, [theme]);
  useEffect(() => {
    if (language) applyLanguage(i18n, pickLanguage(language, navigator.languages));
  }, [language, i18n]);
}
