import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { taskResult } from '../harness/agent.ts';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** Earlier times: none yet, a few of them, what one holds and what has become of it, and the way back. */
export const snapshots: Chapter = {
  name: 'snapshots',
  async play({ page, agent, client, shoot, scratch }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    await new Frame(page).open('Vault');
    const vault = new Vault(page);
    await vault.side('Snapshots');
    await expect(page.getByText('No snapshots yet')).toBeVisible();
    await shoot('1-none');
    const source = path.join(scratch, 'papers');
    await mkdir(path.join(source, 'letters'), { recursive: true });
    for (const name of ['contract.txt', 'diary.txt', 'recipe.txt', 'letters/to-grace.txt']) {
      await writeFile(path.join(source, name), `${name}\n`.repeat(2000));
    }
    await taskResult(client, await client['vault.put']({ paths: [source] }));
    await taskResult(client, await client['vault.takeSnapshot']({ name: 'Before tidying up' }));
    await client['vault.rename']({ item: 'papers/diary.txt', name: 'diary-2026.txt' });
    await client['vault.bin']({ items: ['papers/recipe.txt'] });
    await taskResult(client, await client['vault.takeSnapshot']({}));
    await client['vault.bin']({ items: ['papers/contract.txt'] });
    await taskResult(client, await client['vault.purge']({ items: ['contract.txt'] }));
    await vault.row('Before tidying up').click();
    await shoot('2-list');
    await vault.row('Before tidying up').dblclick();
    await vault.row('papers').dblclick();
    await expect(vault.row('contract.txt')).toBeVisible();
    await vault.row('contract.txt').click();
    await shoot('3-contents');
    await page.getByRole('button', { name: 'Bring 1 item back' }).click();
    await shoot('4-bring-back');
    await page.keyboard.press('Escape');
    await vault.row('contract.txt').dblclick();
    await expect(page.getByText('As it was on', { exact: false })).toBeVisible();
    await shoot('5-look');
    await page.keyboard.press('Escape');
    const lines = Array.from({ length: 60 }, (_, i) => `${i + 1}. A line of the diary that stays as it is.`);
    for (const [round, change] of ['written in May', 'written in June, a little longer'].entries()) {
      await writeFile(path.join(scratch, 'story.txt'), lines.with(20, change).concat(`round ${round}`).join('\n'));
      const paths = [path.join(scratch, 'story.txt')];
      await taskResult(client, await client['vault.put']({ paths, clash: 'replace' }));
      await taskResult(client, await client['vault.takeSnapshot']({}));
    }
    await vault.side('Files');
    await vault.row('story.txt').click();
    await page.getByRole('button', { name: 'Versions' }).click();
    await expect(page.getByRole('list', { name: 'Versions, newest first' }).getByRole('listitem')).toHaveCount(2);
    await shoot('6-versions');
    await page.getByRole('button', { name: /^Compare the version of .* with the one before$/ }).click();
    await expect(page.getByText('2 lines added', { exact: false })).toBeVisible();
    await shoot('7-differences');
  },
};
