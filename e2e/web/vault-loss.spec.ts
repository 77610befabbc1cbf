import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { agentAway } from '../fixtures/watch.ts';
import { taskResult } from '../harness/agent.ts';
import { hashes, makeSamples } from '../harness/files.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('two lost places: every file still downloads bit for bit, and repair heals', async ({
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
  const { places } = await client['vault.places']({});
  expect(places).toHaveLength(6);
  for (const place of [places[1], places[4]]) await rm(place?.path ?? '', { recursive: true });

  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  await vault.side('Places');
  await expect(page.getByRole('button', { name: /^Place \d: missing/ })).toHaveCount(2);
  await expect(page.getByText('Every file can still be read.', { exact: false })).toBeVisible();

  await vault.side('Files');
  await expect(page.getByText('at risk').first()).toBeVisible();
  const expected = await hashes(source);
  for (const name of names.filter((one) => !one.includes('/'))) {
    expect(await vault.downloadHash(name), name).toBe(expected[name]);
  }
  await vault.row('album').dblclick();
  expect(await vault.downloadHash('one.txt')).toBe(expected['album/one.txt']);
  await vault.row('inner').dblclick();
  expect(await vault.downloadHash('two.txt')).toBe(expected['album/inner/two.txt']);

  await vault.side('Places');
  await page.getByRole('button', { name: 'Repair' }).click();
  await expect(page.getByText(/\d+ pieces made again\./)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('at risk')).toHaveCount(0);
  const status = await client['vault.status']({});
  expect(status).toMatchObject({ safety: 'only-here', missingShards: 0, atRisk: 0, damaged: 0 });
  const verified = await taskResult(client, await client['vault.verify']({}));
  expect(verified).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
});

test('while the agent is away the last listing stays, and it comes back by itself', async ({
  page,
  agent,
  client,
  scratch,
  watch,
  settled: _settled,
}) => {
  const source = path.join(scratch, 'in');
  await makeSamples(source);
  await taskResult(client, await client['vault.put']({ paths: [path.join(source, 'notes.txt')] }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  await expect(vault.row('notes.txt')).toBeVisible();

  watch.expectErrors(agentAway);
  await agent.kill();
  await expect(page.getByText(/Your agent has not answered since/)).toBeVisible();
  await expect(vault.row('notes.txt')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Upload files' })).toBeDisabled();

  await agent.restart();
  await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible({ timeout: 60_000 });
});
