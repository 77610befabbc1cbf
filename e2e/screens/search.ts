import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { taskResult } from '../harness/agent.ts';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

const letters: Readonly<Record<string, string>> = {
  'lighthouse budget 2026.md': '# Budget\n\nLamp oil, paint, and a new lens for the lighthouse.\n',
  'minutes of the board.txt': `Present: Ada, Grace, Hedy.\n\n${'The usual was said about the weather. '.repeat(20)}\nThe budget for the lighthouse was carried with two against one; the keeper will write to the harbour office before March.\n\n${'Then everybody had tea. '.repeat(30)}`,
  'letter to the harbour.html':
    '<p>Dear Sirs,</p><p>the <b>lighthouse</b> needs a lens, and our <i>budget</i> does not have one.</p>',
  'مذكرة.txt': 'ميزانية المنارة budget lighthouse للسنة القادمة',
  'recipes.txt': 'Quince bread: a kilo of quinces, sugar, patience.',
};

/** Finding files by the words in them. */
export const search: Chapter = {
  name: 'search',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await mkdir(path.join(scratch, 'Letters'));
    for (const [name, text] of Object.entries(letters)) await writeFile(path.join(scratch, 'Letters', name), text);
    await taskResult(client, await client['vault.put']({ paths: [path.join(scratch, 'Letters')] }));
    await page.goto(await agent.link());
    const frame = new Frame(page);
    const files = new Vault(page);
    await frame.open('Vault');
    await files.search('lighthouse budg');
    await expect(page.getByText('4 items')).toBeVisible({ timeout: 60_000 });
    await shoot('1-found');
    await files.row('minutes of the board.txt').click();
    await shoot('2-selected');
    await files.search('"budget lighthouse" -march type:pdf');
    await expect(page.getByText('Nothing was found')).toBeVisible();
    await shoot('3-nothing');
    await files.search('');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a file, go to a room, do something').fill('lens');
    await expect(page.getByRole('option', { name: /letter to the harbour/ })).toBeVisible();
    await shoot('4-palette');
  },
};
