import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { makeSamples } from '../harness/files.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('what was deleted for good comes back from a snapshot, by keyboard too', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const source = path.join(scratch, 'in');
  const names = await makeSamples(source);
  const paths = [...new Set(names.map((name) => path.join(source, name.split('/')[0] ?? name)))];
  await taskResult(client, await client['vault.put']({ paths }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  await vault.side('Snapshots');
  await expect(page.getByText('No snapshots yet')).toBeVisible();
  await page.getByRole('button', { name: 'Take a snapshot' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('before tidying');
  await page.keyboard.press('Enter');
  await expect(vault.row('before tidying')).toBeVisible();

  await client['vault.bin']({ items: ['/notes.txt'] });
  await taskResult(client, await client['vault.purge']({}));
  await vault.row('before tidying').focus();
  await page.keyboard.press('Enter');
  await expect(vault.row('notes.txt').getByText('Deleted')).toBeVisible();
  await expect(vault.row('picture.png').getByText('As it was')).toBeVisible();
  await vault.row('notes.txt').click();
  await page.getByRole('button', { name: 'Bring 1 item back' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring “notes.txt” back?' });
  await dialog.getByRole('button', { name: 'Bring back' }).click();
  await expect(dialog).toHaveCount(0);
  await vault.side('Files');
  await expect(vault.row('notes.txt')).toBeVisible();

  await vault.side('Snapshots');
  await vault.row('before tidying').click();
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await expect(page.getByText('No snapshots yet')).toBeVisible();
});
