import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { webm } from '../harness/media.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('a folder is shared with a contact, read and saved by them, and taken back', async ({
  page,
  browser,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  test.setTimeout(180_000);
  const ben = await secondPerson('Ben');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    await client['mesh.join']({ ...loopbackOnly, listen: false });
    await client['mesh.addPeer']({ endpoint: ben.endpoint });
    await client['contacts.add']({ card: (await ben.client['contacts.myCard']({})).link });
    await ben.client['contacts.add']({ card: (await client['contacts.myCard']({})).link });
    const source = path.join(scratch, 'trip');
    await mkdir(path.join(source, 'photos'), { recursive: true });
    await writeFile(path.join(source, 'plan.txt'), 'first to the sea');
    await writeFile(path.join(source, 'photos', 'list.txt'), 'one, two');
    await writeFile(path.join(source, 'film.webm'), await webm(page));
    await taskResult(client, await client['vault.put']({ paths: [source] }));

    await openInterface(page, agent);
    await new Frame(page).open('Vault');
    const adas = new Vault(page);
    await adas.row('trip').click();
    await adas.act('Share');
    const dialog = page.getByRole('dialog', { name: 'Share “trip”' });
    await expect(dialog.getByRole('button', { name: 'Share', exact: true })).toBeDisabled();
    await dialog.getByRole('switch', { name: /safety number with Ben/ }).click();
    await expectAccessible(page, 'sharing a folder');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await adas.side('Shares');
    await expect(page.getByRole('grid', { name: 'Shared by me' }).getByText('Ben')).toBeVisible();
    await expectAccessible(page, 'the shares');

    const other = await context.newPage();
    await other.goto(await ben.agent.link());
    await new Frame(other).open('Vault');
    const bens = new Vault(other);
    await bens.side('Shares');
    const taken = other.getByRole('grid', { name: 'Shared with me' });
    await expect(taken.getByText('trip')).toBeVisible({ timeout: 60_000 });
    await taken.getByText('trip').click();
    await expect(bens.row('plan.txt')).toBeVisible({ timeout: 60_000 });
    await bens.row('plan.txt').dblclick();
    await expect(other.getByText('first to the sea')).toBeVisible();
    await expectAccessible(other, 'a look at what is shared');
    await other.keyboard.press('Escape');
    // By ranges, from the other's device.
    await bens.row('film.webm').dblclick();
    const film = other.getByLabel('Preview of film.webm');
    await expect(film).toHaveJSProperty('videoWidth', 64, { timeout: 60_000 });
    await expect(film).toHaveJSProperty('error', null);
    await other.keyboard.press('Escape');
    await other.getByRole('button', { name: 'Back to the shares' }).focus();
    await other.getByRole('button', { name: /in my vault$/ }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Save here' }).click();
    await expect(other.getByText(/saved in your vault/).first()).toBeVisible({ timeout: 60_000 });
    await other.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();

    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await expect(page.getByText('You share nothing.')).toBeVisible();
    await other.getByRole('button', { name: 'Back to the shares' }).click();
    await expect(taken.getByText('Taken back')).toBeVisible({ timeout: 60_000 });
    await bens.side('Files');
    expect((await ben.client['vault.list']({ folder: 'root' })).items.map(({ name }) => name)).not.toEqual([]);
  } finally {
    await context.close();
    await ben.leave();
  }
});
