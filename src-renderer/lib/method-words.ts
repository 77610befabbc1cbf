import { useTranslation } from 'react-i18next';
import { useOptionalT } from './i18n.ts';

export interface MethodWords {
  /** What a method does, in the person's language; its name for one that nobody has put into words. */
  title(method: string): string;
  /** The core's own sentences are in the person's language, so they say all that the title would. */
  spokenByCore: boolean;
}

/**
 * Calls are summed up by the core, in English, because consent, the log and the terminal must show the same sentence. In
 * other languages the method's title stands beside it.
 */
export function useMethodWords(): MethodWords {
  const lookup = useOptionalT();
  const { language } = useTranslation().i18n;
  return { title: (method) => lookup(`method.${method}`) ?? method, spokenByCore: language === 'en' };
}
