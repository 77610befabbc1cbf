import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';

interface Text {
  readonly text: string;
  readonly where: string;
}

/**
 * Words on the page that did not come through translation, while the pseudo-language is on: it leaves no plain Latin
 * letter in a message, so a run of them is data or was forgotten.
 *
 * @param data what may stand there as it is: names, paths, ids.
 */
export async function untranslated(page: Page, data: readonly (string | RegExp)[]): Promise<string[]> {
  const script = await readFile(path.join(import.meta.dirname, 'visible-text.js'), 'utf8');
  const texts = await page.evaluate<Text[]>(script);
  return texts.flatMap(({ text, where }) => {
    const rest = data.reduce<string>((left, one) => left.replaceAll(global(one), ' '), text);
    return /[A-Za-z]{2,}/.test(rest) ? [`${where}: ${text}`] : [];
  });
}

function global(one: string | RegExp): string | RegExp {
  return typeof one === 'string' ? one : new RegExp(one.source, `${one.flags.replace('g', '')}g`);
}
