import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { drop } from '../harness/drop.ts';
import { hashes, makeSamples } from '../harness/files.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('files and folders go in by drop and by button, and come out bit for bit', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const source = path.join(scratch, 'in');
  const names = await makeSamples(source);
  const top = names.filter((name) => !name.includes('/'));
  const at = (name: string) => path.join(source, name);
  const byButton = ['large.bin', 'picture.png'];
  const dropped = top.filter((name) => !byButton.includes(name));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  await expect(page.getByText('Your vault is empty.')).toBeVisible();

  await drop(page, page.getByText('Your vault is empty.'), [...dropped.map(at), at('album')]);
  await vault.stored(dropped.length + 3);
  await vault.choose('Upload files', byButton.map(at));
  await vault.stored(names.length);
  for (const name of [...top, 'album']) await expect(vault.row(name)).toBeVisible();
  await expect(vault.row('empty.txt')).toContainText('0 B');

  // One disk holds all places: whatever 4+2 is, the truth is this.
  await expect(page.getByText('only on this computer').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add a place on another device' })).toBeVisible();

  const out = path.join(scratch, 'out');
  const items = (await client['vault.list']({})).items.map((item) => item.id as string);
  const result = await taskResult(client, await client['vault.export']({ items, to: out }));
  expect(result).toMatchObject({ files: names.length, skipped: [] });
  expect(await hashes(out)).toEqual(await hashes(source));
});

test('the command line stores a folder and writes it back', async ({ agent, scratch, settled: _settled }) => {
  const source = path.join(scratch, 'in');
  await makeSamples(source);
  const put = await agent.now.hypha(['vault', 'put', source, '--json']);
  expect(put.code, put.stderr).toBe(0);
  const out = path.join(scratch, 'out');
  const taken = await agent.now.hypha(['vault', 'export', '/in', out, '--json']);
  expect(taken.code, taken.stderr).toBe(0);
  expect(await hashes(path.join(out, 'in'))).toEqual(await hashes(source));
});
