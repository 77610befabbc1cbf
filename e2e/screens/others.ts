import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** What the vault keeps for others, which directories follow it, how fast it may be, and zstor. */
export const others: Chapter = {
  name: 'others',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    await new Frame(page).open('Vault');
    const vault = new Vault(page);
    await vault.side('For others');
    await expect(page.getByText('You lend no storage to other programs.')).toBeVisible();
    await shoot('1-nothing-kept');
    await page.getByRole('button', { name: 'Lend storage…' }).click();
    await page.getByRole('button', { name: 'Lend it' }).click();
    await shoot('2-lend');
    await page.getByLabel('Name of the namespace').fill('ada-backup');
    await page.getByLabel('Where it lies on this computer').fill(path.join(scratch, 'lent'));
    await page.getByRole('button', { name: 'Lend it' }).click();
    await expect(page.getByText('The password is shown this once.', { exact: false })).toBeVisible();
    await shoot('3-handed');
    await page.getByRole('button', { name: 'I have handed it on' }).click();
    await expect(page.getByRole('region', { name: 'ada-backup' })).toBeVisible();
    await shoot('4-lent');

    await vault.side('Watched');
    await expect(page.getByText('No directory is watched.')).toBeVisible();
    await shoot('5-nothing-watched');
    const papers = path.join(scratch, 'papers');
    await mkdir(papers);
    for (const name of ['a.txt', 'b.txt', 'draft.tmp']) await writeFile(path.join(papers, name), name);
    await client['vault.makeFolder']({ parent: 'root', name: 'papers' });
    await client['vault.watch']({ directory: papers, folder: '/papers' });
    await expect(page.getByText('Up to date')).toBeVisible({ timeout: 60_000 });
    await shoot('6-watched');
    await page.getByRole('button', { name: 'Change…' }).click();
    await expect(page.getByRole('dialog', { name: 'Names that are left out' })).toBeVisible();
    await shoot('7-left-out');
    await page.keyboard.press('Escape');

    await vault.side('Places');
    await page.getByRole('button', { name: 'Copy from zstor…' }).click();
    await page.getByRole('button', { name: 'Copy into the vault' }).click();
    await shoot('8-zstor-import');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Write to zstor…' }).click();
    await shoot('9-zstor-export');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'zstor' }).scrollIntoViewIfNeeded();
    await shoot('a-zstor');

    await new Frame(page).open('Settings');
    await page.getByRole('link', { name: 'Bandwidth' }).click();
    await page.getByLabel('Send at most').fill('1');
    await page.getByRole('switch', { name: 'Only at certain hours' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await shoot('b-bandwidth-wrong');
    await page.getByLabel('Send at most').fill('512');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(/In force|Hold from/)).toBeVisible();
    await shoot('c-bandwidth');
  },
};
