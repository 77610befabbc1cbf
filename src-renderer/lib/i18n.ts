import i18next, { type i18n } from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { english, german, type Language, type MessageKey, type MessageTree } from '#shared/i18n/index.ts';
import { pseudoTree } from '#shared/i18n/pseudo.ts';

export type { MessageKey } from '#shared/i18n/index.ts';
export type Values = Readonly<Record<string, string | number>>;
/** Text for a key; `values` fill `{{placeholders}}`, `count` picks the plural. */
export type Translate = (key: MessageKey, values?: Values) => string;

/**
 * What Intl formats in: the system's own variety of the language where it has one (`en-GB` writes dates as people there
 * do), else the language. The pseudo-language has no numbers of its own.
 */
export function intlLocale(language: string, system: readonly string[] = navigator.languages): string {
  if (language === 'pseudo') return 'en';
  return system.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
}

/** Make the translator. Languages are bundled: together they are smaller than one picture. */
export function createI18n(language: Language): i18n {
  const instance = i18next.createInstance();
  instance.use(initReactI18next);
  const resources: Partial<Record<Language, { translation: MessageTree }>> = {
    en: { translation: english },
    de: { translation: german },
    ...(language === 'pseudo' ? { pseudo: { translation: pseudoTree(english) } } : {}),
  };
  void instance.init({
    lng: language,
    fallbackLng: 'en',
    resources,
    initAsync: false,
    // React escapes; escaping twice shows `&amp;` to people.
    interpolation: { escapeValue: false },
  });
  return instance;
}

/** Apply a language to the running app and to the page, for screen readers and hyphenation. */
export function applyLanguage(instance: i18n, language: Language): void {
  if (language === 'pseudo' && !instance.hasResourceBundle('pseudo', 'translation')) {
    instance.addResourceBundle('pseudo', 'translation', pseudoTree(english));
  }
  if (instance.language !== language) void instance.changeLanguage(language);
  document.documentElement.lang = intlLocale(language);
}

export function useT(): Translate {
  const { t } = useTranslation();
  return useCallback((key: MessageKey, values?: Values) => t(key, { ...values }) as string, [t]);
}

/** The current language, as Intl wants it. */
export function useLocale(): string {
  return intlLocale(useTranslation().i18n.language);
}

/** Whether there is a message under a key built at run time (error codes, step names of tasks). */
export function useOptionalT(): (key: string, values?: Values) => string | null {
  const { t, i18n: instance } = useTranslation();
  return useCallback(
    (key: string, values?: Values) => (instance.exists(key, { ...values }) ? (t(key, { ...values }) as string) : null),
    [t, instance],
  );
}
