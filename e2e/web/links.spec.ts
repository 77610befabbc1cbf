import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { Vault } from '../pages/vault.ts';

test('a link to a file selects it in the folder that holds it, and the palette does the same', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const album = path.join(scratch, 'album');
  await mkdir(album);
  const names = Array.from({ length: 80 }, (_, i) => `page-${String(i).padStart(2, '0')}.txt`);
  await Promise.all(names.map((name) => writeFile(path.join(album, name), `This is ${name}.\n`)));
  await taskResult(client, await client['vault.put']({ paths: [album] }));
  const { items } = await client['vault.search']({ query: 'page-70' });
  const id = items[0]?.id ?? '';
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  const { origin } = new URL(page.url());

  await page.goto(`${origin}/#/link/open/file/${id}`);
  await expect(page.getByText('page-70.txt')).toBeVisible();
  await page.getByRole('link', { name: 'Show it' }).click();
  const vault = new Vault(page);
  const row = vault.row('page-70.txt');
  await expect(row).toBeInViewport();
  await expect(row).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('navigation').getByText('album')).toBeVisible();
  await expect(vault.inspector.getByText('This is page-70.txt.')).toBeVisible();
  // The keys go on from there.
  await page.keyboard.press('ArrowDown');
  await expect(vault.row('page-71.txt')).toHaveAttribute('aria-selected', 'true');

  // From a folder's own page to another file of it.
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('page-03');
  await page.getByRole('option', { name: /page-03\.txt/ }).click();
  await expect(vault.row('page-03.txt')).toHaveAttribute('aria-selected', 'true');
  await expect(vault.row('page-03.txt')).toBeInViewport();

  // Where there is no room beside the list, it is shown before it.
  await page.setViewportSize({ width: 900, height: 640 });
  await page.goto(`${origin}/#/link/open/file/${id}`);
  await page.getByRole('link', { name: 'Show it' }).click();
  await expect(page.getByRole('dialog', { name: 'page-70.txt' }).getByText('This is page-70.txt.')).toBeVisible();

  await page.goto(`${origin}/#/link/open/file/nothing-like-this`);
  await expect(page.getByText('Nothing in your vault is what this link points at.')).toBeVisible();
});
