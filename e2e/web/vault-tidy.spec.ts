import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { makeSamples } from '../harness/files.ts';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test.beforeEach(async ({ page, agent, client, scratch, settled: _settled }) => {
  const source = path.join(scratch, 'in');
  const names = await makeSamples(source);
  const paths = [...new Set(names.map((name) => path.join(source, name.split('/')[0] ?? name)))];
  await taskResult(client, await client['vault.put']({ paths }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
});

test('text and pictures are looked at without leaving the vault', async ({ page }) => {
  const vault = new Vault(page);
  await vault.row('notes.txt').click();
  await expect(vault.inspector.getByText('First line of the notes.')).toBeVisible();
  await vault.row('picture.png').click();
  const picture = vault.inspector.getByRole('img', { name: 'Preview of picture.png' });
  await expect(picture).toBeVisible();
  await expect(picture).toHaveJSProperty('naturalWidth', 64);
  await vault.row('notes.txt').dblclick();
  await expect(page.getByRole('dialog', { name: 'notes.txt' }).getByText('Second line.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a file is renamed, moved, binned, and each is undone from its toast', async ({ page }) => {
  const vault = new Vault(page);
  await vault.row('notes.txt').click();
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'New name for notes.txt' });
  await name.fill('renamed.txt');
  await name.press('Enter');
  await expect(vault.row('renamed.txt')).toBeVisible();
  await undoFrom(page, 'Renamed to renamed.txt.');
  await expect(vault.row('notes.txt')).toBeVisible();

  await vault.row('notes.txt').click();
  await vault.act('Move');
  const dialog = page.getByRole('dialog', { name: 'Move 1 item' });
  await dialog.getByRole('treeitem', { name: 'album' }).click();
  await dialog.getByRole('button', { name: 'Move here' }).click();
  await expect(vault.row('notes.txt')).toHaveCount(0);
  await vault.row('album').dblclick();
  await expect(vault.row('notes.txt')).toBeVisible();
  await undoFrom(page, 'Moved 1 item.');
  await expect(vault.row('notes.txt')).toHaveCount(0);

  await new Frame(page).open('Vault');
  await vault.row('notes.txt').click();
  await vault.act('Put in the bin');
  await expect(vault.row('notes.txt')).toHaveCount(0);
  await undoFrom(page, 'Put 1 item in the bin.');
  await expect(vault.row('notes.txt')).toBeVisible();
});

test('what is binned waits in the bin until it is deleted for good', async ({ page, client }) => {
  const vault = new Vault(page);
  await vault.row('notes.txt').click();
  await vault.act('Put in the bin');
  await vault.row('empty.txt').click();
  await vault.act('Put in the bin');
  await vault.side('Bin');
  await expect(vault.row('notes.txt')).toBeVisible();
  await vault.row('empty.txt').click();
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(vault.row('empty.txt')).toHaveCount(0);
  await page.getByRole('button', { name: 'Empty the bin' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty the bin' }).click();
  await expect(page.getByText('The bin is empty.')).toBeVisible();
  const { items } = await client['vault.list']({});
  expect(items.map((item) => item.name)).toContain('empty.txt');
  expect(items.map((item) => item.name)).not.toContain('notes.txt');
});

test('search finds by name, in every folder', async ({ page }) => {
  const vault = new Vault(page);
  await vault.search('two');
  await expect(vault.row('two.txt')).toBeVisible();
  await expect(vault.row('copy-of-two.txt')).toBeVisible();
  await vault.search('mycel');
  await expect(vault.row('🍄 mycelium 🧵.md')).toBeVisible();
  await vault.search('no such name');
  await expect(page.getByText('Nothing was found for “no such name”.')).toBeVisible();
});

test('locked, the page shows no name of a file', async ({ page }) => {
  const first = new FirstRun(page);
  await new Frame(page).lock();
  await page.reload();
  await expect(first.title('Locked')).toBeVisible();
  const text = await page.locator('body').innerText();
  expect(text).not.toContain('notes.txt');
  await page.goto(`${new URL(page.url()).origin}/#/vault`);
  await expect(first.title('Locked')).toBeVisible();
  await expect(page.getByText('notes.txt')).toHaveCount(0);
  await first.unlock(passphrase);
  await expect(new Vault(page).row('notes.txt')).toBeVisible({ timeout: 30_000 });
});

async function undoFrom(page: Page, words: string): Promise<void> {
  const toast = page.getByRole('listitem').filter({ hasText: words });
  await toast.getByRole('button', { name: 'Undo' }).click();
}
