import { expect, openInterface, test } from '../fixtures/test.ts';
import { startAgent, temporaryHome } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { settleIn } from '../harness/person.ts';
import { Contacts } from '../pages/contacts.ts';
import { Frame } from '../pages/frame.ts';

test('two people add each other by their links, compare the number and know each other', async ({
  page,
  browser,
  agent,
  settled: _settled,
}) => {
  const bens = await temporaryHome();
  const ben = await startAgent({ home: bens.home, port: 0 });
  const connection = await ben.connect();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    await settleIn(connection.client, 'Ben');
    const other = await context.newPage();
    await other.goto(await ben.link());
    await openInterface(page, agent);
    for (const [where, url] of [
      [page, agent.now.url],
      [other, ben.url],
    ] as const) {
      await where.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(url).origin });
      await new Frame(where).open('Contacts');
      await expect(where.getByText('Nobody here yet')).toBeVisible();
    }
    const [adas, hers] = [new Contacts(page), new Contacts(other)];
    await expect(page.getByRole('img', { name: 'Your short link as a code' })).toBeVisible();
    const adasLink = await adas.copyMyLink();
    const bensLink = await hers.copyMyLink();
    expect(adasLink).toMatch(/^hypha:\/\/contact\/[\w-]{10000,}$/);

    await test.step('a link that was cut says what is wrong with it', async () => {
      const dialog = await adas.paste(bensLink.slice(0, 900));
      await expect(dialog.getByRole('alert')).toContainText('some of it is missing');
      await expect(dialog.getByRole('button', { name: 'Add a contact' })).toBeDisabled();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    });

    await adas.add(bensLink, 'Ben');
    await hers.add(adasLink, 'Ada');
    await expect(adas.sheet('Ben').getByText('not verified')).toBeVisible();
    await expect(adas.sheet('Ben').getByText('ben.hypha')).toBeVisible();
    const number = await adas.number('Ben');
    expect(number).toMatch(/^\d{5}( \d{5}){11}$/);
    expect(await hers.number('Ada')).toBe(number);
    await expectAccessible(page, 'comparing the number');
    await adas.same('Ben');
    await hers.same('Ada');

    await test.step('a contact gets another name, goes, and comes back as it was', async () => {
      await adas.sheet('Ben').getByRole('button', { name: 'Rename' }).click();
      const rename = page.getByRole('dialog', { name: 'Rename Ben' });
      await rename.getByLabel('What you call them').fill('Benjamin');
      await rename.getByRole('button', { name: 'Save' }).click();
      const sheet = adas.sheet('Benjamin');
      await expect(sheet.getByText('benjamin.hypha')).toBeVisible();
      await sheet.getByRole('button', { name: 'Remove' }).click();
      await expect(page.getByText('Nobody here yet')).toBeVisible();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(adas.row('Benjamin')).toContainText('verified');
    });

    await expectAccessible(page, 'contacts');
  } finally {
    await context.close();
    connection.close();
    await ben.stop();
    await bens.remove();
  }
});

test('a link that the system hands over is shown, and adds nobody by itself', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  const bens = await temporaryHome();
  const ben = await startAgent({ home: bens.home, port: 0 });
  const connection = await ben.connect();
  try {
    await settleIn(connection.client, 'Ben');
    const { shortLink } = await connection.client['contacts.myCard']({});
    await openInterface(page, agent);
    await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    await page.evaluate(`location.hash = '#/contacts/add/${shortLink.slice('hypha://contact/'.length)}'`);
    const dialog = page.getByRole('dialog', { name: 'Add a contact' });
    await expect(dialog.getByText('It says whom to look for and proves nothing yet', { exact: false })).toBeVisible();
    expect((await client['contacts.list']({})).contacts).toEqual([]);
    await dialog.getByRole('button', { name: 'Add Ben' }).click();
    const sheet = new Contacts(page).sheet('Ben');
    await expect(sheet.getByText('waiting for their card')).toBeVisible();
    await expect(sheet.getByRole('button', { name: /^Compare/ })).toHaveCount(0);
  } finally {
    connection.close();
    await ben.stop();
    await bens.remove();
  }
});
