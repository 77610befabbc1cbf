import { expect, openInterface, test } from '../fixtures/test.ts';
import { startAgent, temporaryHome } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';

test('a second device of one person joins by a code on both screens, with the keys, and can be revoked', async ({
  page,
  browser,
  agent,
  client,
  settled: _settled,
}) => {
  const second = await temporaryHome();
  const laptop = await startAgent({ home: second.home, port: 0 });
  const connection = await laptop.connect();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    const other = await context.newPage();
    await other.goto(await laptop.link());
    await other.getByRole('button', { name: 'This is another device of mine' }).click();
    await openInterface(page, agent);
    await new Frame(page).open('Contacts');
    await page.getByRole('button', { name: 'Add a device' }).click();
    const dialog = page.getByRole('dialog');
    const shown = await dialog.getByRole('listitem').first().innerText();
    const port = /:(\d+)$/.exec(shown.trim())?.[1] ?? '';

    await test.step('a wrong address says so', async () => {
      await other.getByLabel('Address that it shows').fill('nonsense');
      await other.getByRole('button', { name: 'Join' }).click();
      await expect(other.getByRole('alert')).toContainText('no address');
    });

    // Both agents run on this computer.
    await other.getByLabel('Address that it shows').fill(`127.0.0.1:${port}`);
    await other.getByRole('button', { name: 'Join' }).click();
    await expect(page.getByText('Is this code on both screens?')).toBeVisible();
    await expect(other.getByText('Is this code on both screens?')).toBeVisible();
    const code = await dialog.getByRole('status').innerText();
    expect(code).toMatch(/^\d{3} \d{3}$/);
    await expect(other.getByRole('status').filter({ hasText: code })).toBeVisible();
    await expectAccessible(page, 'comparing the code');
    await dialog.getByRole('switch', { name: 'Hand my keys over too' }).click();
    await dialog.getByRole('button', { name: 'It is the same' }).click();
    await other.getByRole('button', { name: 'It is the same' }).click();
    await other.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await other.getByLabel('Type it again').fill(passphrase);
    await other.getByRole('button', { name: 'Keep my keys here' }).click();
    await expect(other.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    await expect(page.getByText('is one of your devices now.')).toBeVisible();

    const [mine, theirs] = [await client['identity.status']({}), await connection.client['identity.status']({})];
    expect(theirs.state).toBe('unlocked');
    expect(theirs.person?.id).toBe(mine.person?.id);
    expect(theirs.device?.id).not.toBe(mine.device?.id);

    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByText('revoked', { exact: true })).toBeVisible();
  } finally {
    await context.close();
    connection.close();
    await laptop.stop();
    await second.remove();
  }
});

test('a device that joins without the keys says what it cannot do, and gets them with the 24 words', async ({
  browser,
  client,
  settled,
}) => {
  const second = await temporaryHome();
  const server = await startAgent({ home: second.home, port: 0 });
  const connection = await server.connect();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    const [address = ''] = (await client['pairing.offer']({})).addresses;
    await connection.client['pairing.join']({ at: address.replace(/^.*:/, '127.0.0.1:'), name: 'Server' });
    const compared = async (one: typeof client) => {
      const { code } = await one['pairing.status']({});
      return code;
    };
    await expect.poll(() => compared(client)).not.toBeNull();
    await expect.poll(() => compared(connection.client)).not.toBeNull();
    const code = (await compared(client)) ?? '';
    expect(await compared(connection.client)).toBe(code);
    await client['pairing.answer']({ code, equal: true });
    await connection.client['pairing.answer']({ code, equal: true });
    await expect.poll(async () => (await connection.client['pairing.status']({})).state).toBe('done');
    expect((await connection.client['identity.status']({})).state).toBe('keyless');
    await connection.client['system.configure']({ onboarded: true });

    const page = await context.newPage();
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { level: 1, name: 'This device acts for Ada' })).toBeVisible();
    await page.getByRole('button', { name: 'Go on without keys' }).click();
    await new Frame(page).open('Contacts');
    await expect(page.getByRole('alert')).toContainText('this device was added without them');
    await page.reload();
    await page.getByRole('button', { name: 'Bring my keys here with my 24 words' }).click();
    await new FirstRun(page).typeWords(settled.words);
    await new FirstRun(page).protect(passphrase, 'Restore my identity');
    await expect(page.getByRole('heading', { level: 1, name: 'Contacts' })).toBeVisible();
    expect((await connection.client['identity.status']({})).state).toBe('unlocked');
    const { devices } = await client['identity.devices']({});
    expect(devices.map(({ name }) => name)).toContain('Server');
  } finally {
    await context.close();
    connection.close();
    await server.stop();
    await second.remove();
  }
});
