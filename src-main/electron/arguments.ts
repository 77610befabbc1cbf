import { parseArgs } from 'node:util';
import { type DeepLink, deepLinkIn } from './deep-link.ts';

export interface AppArguments {
  readonly home: string | undefined;
  /** Start without showing the window (with the session). */
  readonly hidden: boolean;
  readonly link: DeepLink | null;
}

/**
 * What the app was started with. Chromium's own switches come along in the same list, so unknown ones are let be and
 * nothing is ever refused here.
 */
export function readArguments(args: readonly string[]): AppArguments {
  const { values } = parseArgs({
    args: [...args],
    options: { home: { type: 'string' }, hidden: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
  });
  return {
    home: typeof values.home === 'string' && values.home !== '' ? values.home : undefined,
    hidden: values.hidden === true,
    link: deepLinkIn(args),
  };
}
