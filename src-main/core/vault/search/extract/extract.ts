import { decodeText } from './charset.ts';
import { limits } from './limits.ts';
import { htmlText } from './markup.ts';
import { officeText } from './office.ts';
import type { Plan } from './plan.ts';
import { rtfText } from './rtf.ts';

/**
 * The words of a file. `bytes` are as many from its beginning as the plan asked for. Any bytes: an answer, in time linear to their
 * number.
 *
 * @returns null when there are none
 */
export function extractText(kind: Exclude<Plan['kind'], 'none' | 'too-large'>, bytes: Uint8Array): string | null {
  const text = wordsOf(kind, bytes);
  return text === null ? null : text.slice(0, limits.textUnits).toWellFormed();
}

function wordsOf(kind: Exclude<Plan['kind'], 'none' | 'too-large'>, bytes: Uint8Array): string | null {
  if (kind === 'office') return officeText(bytes);
  const text = decodeText(bytes);
  if (text === null) return null;
  if (kind === 'html') return htmlText(text);
  return (text.startsWith('{\\rtf') ? rtfText(text) : null) ?? text;
}
