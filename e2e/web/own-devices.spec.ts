import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { secondDevice } from '../harness/second-device.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('two devices of one person keep the same files, after the digits were compared on both screens', async ({
  page,
  browser,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  test.setTimeout(240_000);
  const letter = path.join(scratch, 'letter.txt');
  await writeFile(letter, 'A letter from the desk.');
  await taskResult(client, await client['vault.put']({ paths: [letter] }));
  const laptop = await secondDevice(client, 'Laptop');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    await openInterface(page, agent);
    const other = await context.newPage();
    await other.goto(await laptop.agent.link());
    for (const one of [page, other]) {
      await new Frame(one).open('Vault');
      await new Vault(one).side('My devices');
      await one.getByRole('switch', { name: 'Keep the files of my devices the same' }).click();
      await expect(one.getByText('Nothing is sent before you have accepted')).toBeVisible();
      await one.getByRole('button', { name: 'Turn it on' }).click();
    }
    const digits: string[] = [];
    for (const one of [page, other]) {
      await one.getByRole('button', { name: 'Compare and accept…' }).click({ timeout: 60_000 });
      const dialog = one.getByRole('dialog');
      await expect(dialog.getByText(/^[\d ]{6,}$/)).toBeVisible();
      digits.push(await dialog.getByText(/^[\d ]{6,}$/).innerText());
      await expectAccessible(one, 'comparing the digits');
    }
    expect(digits[0]).toBe(digits[1]);
    expect((await laptop.client['vault.list']({ folder: 'root' })).items).toEqual([]);
    for (const one of [page, other]) await one.getByRole('button', { name: 'The digits are the same' }).click();
    for (const one of [page, other]) {
      await expect(one.getByText('The same files', { exact: true })).toBeVisible({ timeout: 60_000 });
    }

    await test.step('what one has the other has, both ways', async () => {
      const there = new Vault(other);
      await there.side('Files');
      await expect(there.row('letter.txt')).toBeVisible({ timeout: 60_000 });
      await there.row('letter.txt').dblclick();
      await expect(other.getByText('A letter from the desk.')).toBeVisible({ timeout: 60_000 });
      await other.keyboard.press('Escape');
      const answer = path.join(scratch, 'answer.txt');
      await writeFile(answer, 'An answer from the laptop.');
      await there.choose('Upload files', answer);
      await there.stored(1);
      const here = new Vault(page);
      await here.side('Files');
      await expect(here.row('answer.txt')).toBeVisible({ timeout: 60_000 });
    });
  } finally {
    await context.close();
    await laptop.leave();
  }
});

test('one device keeps room for the vault of the other', async ({
  page,
  browser,
  agent,
  client,
  settled: _settled,
}) => {
  test.setTimeout(240_000);
  const laptop = await secondDevice(client, 'Laptop');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    await openInterface(page, agent);
    await new Frame(page).open('Vault');
    await new Vault(page).side('Places');
    await page.getByRole('button', { name: 'Ask for room…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask for room' });
    await dialog.getByLabel('Contact or device').click();
    await page.getByRole('option', { name: 'Your device Laptop' }).click();
    await dialog.getByLabel('How much (GiB)').fill('1');
    await expectAccessible(page, 'asking a device for room');
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
    const asked = page.getByRole('list', { name: 'Room elsewhere' }).getByRole('listitem');
    await expect(asked).toContainText('Your device laptop');
    await expect(asked).toContainText('Waits for their answer', { timeout: 30_000 });

    const other = await context.newPage();
    await other.goto(await laptop.agent.link());
    await new Frame(other).open('Vault');
    await new Vault(other).side('For others');
    await expect(other.getByText(/asks for 1 GiB on this computer/)).toBeVisible({ timeout: 30_000 });
    await other.getByRole('button', { name: 'Agree…' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect(other.getByRole('dialog')).toHaveCount(0);

    await asked.getByRole('button', { name: 'Use as a place' }).click({ timeout: 60_000 });
    await expect(asked).toContainText('In use as a place', { timeout: 30_000 });
    const { places } = await client['vault.places']({});
    expect(places.find(({ kind }) => kind === 'friend')).toMatchObject({
      ...{ health: 'ok', owner: '', path: 'your device laptop' },
    });
    await expectAccessible(page, 'a device as a place');
  } finally {
    await context.close();
    await laptop.leave();
  }
});
