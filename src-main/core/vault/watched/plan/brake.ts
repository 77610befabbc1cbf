import type { Plan } from './steps.ts';

export interface Question {
  /** Where the files would be deleted. */
  readonly side: 'vault' | 'here';
  readonly files: readonly string[];
  /** Files that were agreed on. */
  readonly of: number;
}

const few = 20;

/**
 * So much would be deleted at once that it is asked first: more than 20 files and more than half of all, or all that there were. A drive
 * that is not there looks like a directory that somebody emptied. What was allowed before is not asked again.
 */
export function brake(
  { gone }: Pick<Plan, 'gone'>,
  of: number,
  allowed: { readonly vault: ReadonlySet<string>; readonly here: ReadonlySet<string> },
): Question | null {
  for (const side of ['vault', 'here'] as const) {
    const files = side === 'vault' ? gone.vault : gone.local;
    const isMuch = (files.length > few && files.length * 2 > of) || (files.length === of && of > 1);
    if (isMuch && files.some((path) => !allowed[side].has(path))) return { side, files, of };
  }
  return null;
}
