import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Decrypter } from 'age-encryption';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { hashes, makeSamples } from '../harness/files.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('a folder is written to a directory of this computer, and nothing there is overwritten', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const source = path.join(scratch, 'in');
  const names = await makeSamples(source);
  await taskResult(client, await client['vault.put']({ paths: [source] }));
  const out = path.join(scratch, 'out');
  await mkdir(out);
  await writeFile(path.join(out, 'in'), 'in the way');
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  await new Vault(page).row('in').click();
  await page.getByRole('button', { name: 'Save to this computer…' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Save “in” to this computer' });
  await expect(dialog.getByText('the computer your agent runs on', { exact: false })).toBeVisible();

  await dialog.getByLabel('Directory').fill('some/where');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('Type the whole path', { exact: false })).toBeVisible();
  const { places } = await client['vault.places']({});
  await dialog.getByLabel('Directory').fill(path.join(places[0]?.path ?? '', 'inside'));
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('it lies inside a place of the vault', { exact: false }).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Back' }).click();

  await dialog.getByLabel('Directory').fill(out);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText(`${names.length} files,`, { exact: false })).toBeVisible({ timeout: 60_000 });
  expect(await readFile(path.join(out, 'in'), 'utf8')).toBe('in the way');
  expect(await hashes(path.join(out, 'in (2)'))).toEqual(await hashes(source));
});

test('a file is locked for somebody without Hypha, with a passphrase that is shown', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const file = path.join(scratch, 'tax return.txt');
  await writeFile(file, 'What I owe.');
  await taskResult(client, await client['vault.put']({ paths: [file] }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  await new Vault(page).row('tax return.txt').click();
  await page.getByRole('button', { name: 'Lock for somebody…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lock “tax return.txt” for somebody without Hypha' });
  const passphrase = dialog.getByLabel('Passphrase');
  await expect(passphrase).toHaveValue(/^(\S+[ -]){9}\S+$/);
  const first = await passphrase.inputValue();
  await dialog.getByRole('button', { name: 'Make another one' }).click();
  await expect(passphrase).not.toHaveValue(first);

  await passphrase.fill('short');
  await dialog.getByLabel('Directory').fill(scratch);
  await dialog.getByRole('button', { name: 'Write the locked copy' }).click();
  await expect(dialog.getByText('Use at least 12 characters', { exact: false })).toBeVisible();
  await passphrase.fill(first);
  await dialog.getByRole('button', { name: 'Write the locked copy' }).click();
  await expect(dialog.getByText('age --decrypt --output "tax return.txt" "tax return.txt.age"')).toBeVisible({
    timeout: 60_000,
  });
  await expect(dialog.getByText(first)).toBeVisible();

  const decrypter = new Decrypter();
  decrypter.addPassphrase(first);
  expect(await decrypter.decrypt(await readFile(`${file}.age`), 'text')).toBe('What I owe.');
});

test('a taken name is asked about once: keep both, replace, or leave out', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const file = path.join(scratch, 'notes.txt');
  const other = path.join(scratch, 'other.txt');
  await writeFile(file, 'first');
  await writeFile(other, 'first');
  await taskResult(client, await client['vault.put']({ paths: [file, other] }));
  await writeFile(file, 'second, longer');
  await writeFile(other, 'second, longer');
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  const dialog = page.getByRole('dialog', { name: 'A file of this name is already here' });
  const names = async () => (await client['vault.list']({})).items.map((item) => `${item.name} ${item.size}`);

  await vault.choose('Upload files', [file, other]);
  await dialog.getByRole('button', { name: 'Close' }).click();
  expect(await names()).toEqual(['notes.txt 5', 'other.txt 5']);

  await vault.choose('Upload files', [file, other]);
  await dialog.getByRole('button', { name: 'Leave the new one out' }).click();
  await expect(vault.uploads.getByText('2 left out', { exact: false })).toBeVisible();
  expect(await names()).toEqual(['notes.txt 5', 'other.txt 5']);

  await vault.choose('Upload files', [file, other]);
  await dialog.getByRole('checkbox').click();
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await dialog.getByRole('button', { name: 'Keep both' }).click();
  await vault.stored(2);
  expect(await names()).toEqual(['notes.txt 14', 'other (2).txt 14', 'other.txt 5']);
  const { items } = await client['vault.list']({ folder: 'bin' });
  expect(items.map((item) => item.name)).toEqual(['notes.txt']);
  expect(await readdir(scratch)).toHaveLength(2);
});
