import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { Vault } from '../pages/vault.ts';

test('the list of files shows where the keyboard is, also when its row is out of sight or gone', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const folder = path.join(scratch, 'many');
  await mkdir(folder);
  const names = Array.from({ length: 60 }, (_, i) => `note-${String(i).padStart(2, '0')}.txt`);
  await Promise.all(names.map((name) => writeFile(path.join(folder, name), name)));
  await taskResult(client, await client['vault.put']({ paths: names.map((name) => path.join(folder, name)) }));
  await openInterface(page, agent);
  await page.goto(`${new URL(page.url()).origin}/#/vault`);
  const vault = new Vault(page);
  await expect(vault.row('note-00.txt')).toBeVisible();

  // By Tab alone: the first row is where the keys begin.
  const newFolder = page.getByRole('button', { name: 'Upload a folder' });
  await newFolder.focus();
  for (let presses = 0; presses < 8 && !(await focusedIsList(page)); presses += 1) await page.keyboard.press('Tab');
  await expect.poll(() => ring(page)).toBe('row');

  // The last row has the keyboard, and the wheel takes it out of sight.
  await page.keyboard.press('End');
  await expect(vault.row('note-59.txt')).toBeVisible();
  await expect.poll(() => ring(page)).toBe('row');
  await vault.list.hover();
  await page.mouse.wheel(0, -5000);
  await expect(vault.row('note-00.txt')).toBeVisible();
  await expect.poll(() => ring(page)).toBe('list');

  // The row the keyboard was on goes to the bin: the one before takes its place.
  await page.keyboard.press('End');
  await expect(vault.row('note-59.txt')).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(vault.row('note-59.txt')).toHaveCount(0);
  await expect.poll(() => ring(page)).toBe('row');
  await expect.poll(() => page.evaluate<string>(activeName)).toContain('note-58.txt');
});

const focusedIsList = (page: Page) => page.evaluate<boolean>("document.activeElement.getAttribute('role') === 'grid'");

const activeName = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText";

/** What shows a ring that a person can see: the row that the list names as its own, the list itself, or nothing. */
function ring(page: Page): Promise<'row' | 'list' | 'nothing'> {
  return page.evaluate(`(() => {
    const list = document.activeElement;
    const row = document.getElementById(list.getAttribute('aria-activedescendant') ?? '');
    const rings = (element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    };
    const frame = list.getBoundingClientRect();
    const inSight = ({ top, bottom }) => bottom > frame.top + 36 && top < frame.bottom;
    if (row && rings(row) && inSight(row.getBoundingClientRect())) return 'row';
    return rings(list) ? 'list' : 'nothing';
  })()`);
}

test('what is typed before the palette has come is in it when it comes', async ({ page, agent, settled: _settled }) => {
  let come: () => void = () => {};
  const mayCome = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(/palette-body.*\.js$/, async (route) => {
    await mayCome;
    await route.continue();
  });
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('mach');
  const palette = page.getByRole('dialog', { name: 'Search or do anything' });
  await expect(palette.getByRole('textbox')).toHaveValue('mach');
  come();
  const field = palette.getByRole('combobox');
  await expect(field).toBeFocused();
  await page.keyboard.type('ines');
  await expect(field).toHaveValue('machines');
  await expect(palette.getByRole('option', { name: /^Machines/ })).toBeVisible();
  // Opened again it is empty.
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field).toHaveValue('');
});

test('a room by its name comes before a folder that is called so too', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  await client['vault.makeFolder']({ name: 'vault' });
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('vault');
  const palette = page.getByRole('dialog', { name: 'Search or do anything' });
  await expect(palette.getByRole('option', { name: 'vault vault', exact: true })).toBeVisible();
  const room = palette.getByRole('option', { name: /^Vault/ }).first();
  await expect(room).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/vault$/);
});

test('a double click opens a dialog once and leaves the keyboard in it', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  await openInterface(page, agent);
  await page.goto(`${new URL(page.url()).origin}/#/vault`);
  const button = await page.getByRole('button', { name: 'New folder' }).first().boundingBox();
  if (!button) throw new Error('no button');
  const at = [button.x + button.width / 2, button.y + button.height / 2] as const;
  await page.mouse.click(...at);
  // The second click comes when the dialog is there, whose veil lies over the button by then.
  await expect(page.getByRole('dialog', { name: 'New folder' })).toBeVisible();
  await page.mouse.click(...at);
  await expect(page.getByRole('dialog', { name: 'New folder' }).getByLabel('Name')).toBeFocused();
  await page.keyboard.type('Letters');
  // As somebody does who is not sure that it was taken.
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(new Vault(page).row('Letters')).toBeVisible();
  const { entries } = await client['activity.list']({ limit: 20 });
  expect(entries.filter(({ method }) => method === 'vault.makeFolder')).toHaveLength(1);
});
