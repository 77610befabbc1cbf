import type { Locator, Page } from '@playwright/test';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { startAgent, taskResult, temporaryHome } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';

async function openRecovery(page: Page): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/settings/recovery`);
  await expect(page.getByRole('heading', { name: 'Recovery', exact: true })).toBeVisible();
}

/** The words of a share as they stand in the dialog. */
async function wordsOf(dialog: Locator): Promise<string[]> {
  const items = dialog.getByRole('list', { name: 'Words of the share' }).getByRole('listitem');
  await expect(items).toHaveCount(33);
  return (await items.allInnerTexts()).map((text) => /[a-z]+/.exec(text)?.[0] ?? '');
}

test('shares are written down one by one, and two of three bring the person back elsewhere', async ({
  page,
  agent,
  client,
  settled,
}) => {
  await openInterface(page, agent);
  await openRecovery(page);
  await page.getByRole('button', { name: 'Make shares' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Any 2 of the 3 can, together, become you.')).toBeVisible();
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByRole('button', { name: 'Show the first share' }).click();
  const papers: string[][] = [];
  for (let number = 1; number <= 3; number++) {
    await expect(dialog.getByRole('heading', { name: `Share ${number} of 3` })).toBeVisible();
    const words = await wordsOf(dialog);
    papers.push(words);
    if (number === 1) await expectAccessible(page, 'a share');
    await dialog.getByRole('button', { name: 'I wrote it down' }).click();
    for (const label of await dialog.locator('label').allInnerTexts()) {
      const position = Number(/\d+/.exec(label)?.[0]);
      await dialog.getByLabel(label, { exact: true }).fill(words[position - 1] ?? '');
    }
    await dialog.getByRole('button', { name: 'Check the words' }).click();
  }
  await expect(dialog.getByText('All shares are written down.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText(/any 2 of 3/)).toBeVisible();
  expect(JSON.stringify(await client['activity.list']({}))).not.toContain(papers[0]?.slice(4, 8).join(' '));

  const { home, remove } = await temporaryHome();
  const other = await startAgent({ home, port: 0 });
  try {
    await page.goto(other.url);
    const first = new FirstRun(page);
    await first.name.fill('Ada');
    await page.getByRole('button', { name: 'I have 24 words' }).click();
    await page.getByRole('radio', { name: 'Shares' }).click();
    await page.getByLabel('Share 1').fill(papers[2]?.join(' ') ?? '');
    await expect(page.getByText('1 of 2 shares are here.')).toBeVisible();
    await page.getByLabel('Share 2').fill(papers[0]?.join('\n') ?? '');
    await expect(page.getByText('These are enough.')).toBeVisible();
    await page.getByRole('button', { name: 'Continue' }).click();
    await first.protect(passphrase, 'Restore my identity');
    await expect(first.title('Home').or(page.getByText('Where your things live'))).toBeVisible();
    const connection = await other.connect();
    expect((await connection.client['identity.status']({})).person?.id).toBe(settled.id);
    connection.close();
    await page.goto('about:blank');
  } finally {
    await other.stop();
    await remove();
  }
});

test('the kit says what it is worth, and prints the words only after the passphrase', async ({
  page,
  agent,
  client,
  settled,
}) => {
  await openInterface(page, agent);
  await openRecovery(page);
  await expect(page.getByText('You have made none yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Make a kit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your recovery kit' });
  // All six directories lie on this computer: a kit does not help there, and says so.
  await expect(dialog.getByRole('alert')).toContainText('Only 0 of the places are not on this computer');
  await expectAccessible(page, 'the kit');
  const sheet = page.locator('.print-sheet');
  await expect(sheet).toBeHidden();
  await page.emulateMedia({ media: 'print' });
  await expect(sheet).toBeVisible();
  await expect(dialog).toBeHidden();
  // One or the other stands in the text anyway.
  const text = (await sheet.textContent()) ?? '';
  expect(settled.words.every((word) => text.includes(word))).toBe(false);
  await page.emulateMedia({ media: 'screen' });
  await dialog.getByRole('checkbox', { name: 'Print my words too' }).check();
  await dialog.getByLabel('Passphrase', { exact: true }).fill('not my passphrase');
  await dialog.getByRole('button', { name: 'Take the words in' }).click();
  await expect(dialog.getByText('This is not the passphrase.', { exact: true })).toBeVisible();
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByRole('button', { name: 'Take the words in' }).click();
  await expect(dialog.getByText('The words will be on the printed page.')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  for (const word of settled.words) await expect(sheet).toContainText(word);
  await page.emulateMedia({ media: 'screen' });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(sheet).toHaveCount(0);
  await expect(page.getByText('It is still right.')).toBeVisible();

  // The drill in the interface: honest about what the unlocked keys do not prove.
  await page.getByRole('button', { name: 'Rehearse recovery' }).click();
  const drill = page.getByRole('dialog', { name: 'Rehearse recovery' });
  await drill.getByRole('button', { name: 'Rehearse recovery' }).click();
  await expect(drill.getByText(/comes back, but not if this computer is lost/)).toBeVisible();
  await drill.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText(/That you have your words was not proved/)).toBeVisible();
  await expect(page.getByText(/Places that lie on this computer were needed/)).toBeVisible();
  await expectAccessible(page, 'recovery');

  // The same at the command line.
  const kit = await agent.now.hypha(['vault', 'kit']);
  expect(kit.stdout).toContain('-----BEGIN HYPHA RECOVERY KIT-----');
  const { rehearsal } = await client['vault.recovery']({});
  expect(rehearsal).toMatchObject({ ok: true, keys: 'session', computerLost: false });
  const again = await taskResult(client, await client['vault.rehearse']({ words: [...settled.words], files: 1 }));
  expect(again).toMatchObject({ keys: 'words' });
});
