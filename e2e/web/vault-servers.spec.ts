import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { makeIdentity } from '../harness/person.ts';
import { noRedis, startRedis } from '../harness/redis.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test.skip(noRedis !== undefined, noRedis ?? '');

test('a server becomes a place: tested, added, told apart by where it stands, and changed', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  const redis = await startRedis('--requirepass', 'correct horse');
  try {
    await openInterface(page, agent);
    await new Frame(page).open('Vault');
    await new Vault(page).side('Places');
    await page.getByRole('button', { name: 'Add a place' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a place' });
    await dialog.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Redis server' }).click();

    await dialog.getByRole('button', { name: 'Test' }).click();
    await expect(dialog.getByText('This is needed.')).toBeVisible();
    await dialog.getByLabel('Server').fill('127.0.0.1');
    await dialog.getByLabel('Port').fill(String(redis.port));
    await dialog.getByLabel('Password', { exact: false }).first().fill('wrong');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await expect(dialog.getByText('does not let us in')).toBeVisible();
    await dialog.getByLabel('Password', { exact: false }).first().fill('correct horse');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await expect(dialog.getByText('is free to be used')).toBeVisible();
    await dialog.getByLabel('Name').fill('Attic');
    await dialog.getByLabel('Where it stands').fill('attic');
    await dialog.getByRole('button', { name: 'Add a place' }).click();
    await expect(page.getByText('Added Attic.')).toBeVisible();
    await expect(page.getByRole('button', { name: /^Attic: healthy/ })).toBeVisible();
    await expect(page.getByText('If everything at “attic” is lost, every file still reads.')).toBeVisible();

    const { places } = await client['vault.places']({});
    const attic = places.find((place) => place.kind === 'redis');
    expect(attic).toMatchObject({ name: 'Attic', site: 'attic', health: 'ok' });
    expect(JSON.stringify(await client['activity.list']({}))).not.toContain('correct horse');

    await page.getByRole('button', { name: 'Actions for Attic' }).click();
    await page.getByRole('menuitem', { name: 'Change…' }).click();
    const change = page.getByRole('dialog', { name: 'Change Attic' });
    await expect(change.getByLabel('Port')).toHaveValue(String(redis.port));
    await change.getByLabel('Whose it is').fill('Ann');
    await change.getByRole('button', { name: 'Test' }).click();
    await expect(change.getByText('is a place of this vault')).toBeVisible();
    await change.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Changed Attic.')).toBeVisible();
    await expect(page.getByText('If Ann keeps nothing for you any more, every file still reads.')).toBeVisible();

    await redis.kill();
    await expect(page.getByRole('button', { name: /^Attic: missing/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('does not answer').first()).toBeVisible();
  } finally {
    await redis.end();
  }
});

test('a vault is set up over directories and a server from the start', async ({ page, agent, client, scratch }) => {
  const redis = await startRedis('--requirepass', 'correct horse');
  try {
    await makeIdentity(client);
    await client['system.configure']({ onboarded: true });
    await openInterface(page, agent);
    await new Frame(page).open('Vault');
    await page.getByRole('radio', { name: '1 place of 3' }).click();
    await page.getByRole('radio', { name: 'In directories I choose' }).click();
    const directories = ['one', 'two'].map((name) => path.join(scratch, name));
    await page.getByLabel('Directories, one a line').fill(directories.join('\n'));
    await page.getByRole('button', { name: 'Add a server' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a place' });
    await dialog.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Redis server' }).click();
    await dialog.getByLabel('Server').fill('127.0.0.1');
    await dialog.getByLabel('Port').fill(String(redis.port));
    await dialog.getByLabel('Password', { exact: false }).first().fill('correct horse');
    await dialog.getByLabel('Name').fill('Attic');
    await dialog.getByRole('button', { name: 'Add a place' }).click();
    await expect(page.getByRole('list', { name: 'Servers' })).toContainText('Attic');
    await page.getByRole('button', { name: 'Set up the vault' }).click();
    await expect(page.getByText('Your vault is empty.')).toBeVisible();
    const { places } = await client['vault.places']({});
    expect(places.map(({ kind, health }) => `${kind} ${health}`)).toEqual(['directory ok', 'directory ok', 'redis ok']);
  } finally {
    await redis.end();
  }
});
