import type { Failure } from '#shared/rpc/fail.ts';
import { Fail } from '#shared/rpc/fail.ts';
import { useLocale, useOptionalT } from './i18n.ts';

/** Anything thrown, as a failure with words. What is no failure of the contract is a fault of this interface. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Fail) return error.toFailure();
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const { code, message } = error;
    if (typeof code === 'string' && typeof message === 'string') return { ...error, code, message };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

export interface FailureText {
  message: string;
  meaning: string | undefined;
  next: string | undefined;
}

type Lookup = (key: string) => string | null;

/**
 * The words for a failure. In English the failure's own words are best: they name the thing. In other languages the
 * text of its code is used where there is one, and the failure's own words where there is none.
 */
export function failureText(failure: Failure, locale: string, lookup: Lookup): FailureText {
  const own = /^en\b/.test(locale) && failure.code !== 'INTERNAL';
  const text = (part: 'message' | 'meaning' | 'next') => {
    const translated = lookup(`errors.${failure.code}.${part}`) ?? undefined;
    return own ? (failure[part] ?? translated) : (translated ?? failure[part]);
  };
  return { message: text('message') ?? failure.message, meaning: text('meaning'), next: text('next') };
}

export function useFailureText(): (failure: Failure) => FailureText {
  const locale = useLocale();
  const lookup = useOptionalT();
  return (failure) => failureText(failure, locale, lookup);
}
