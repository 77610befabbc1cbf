import { expect, openInterface, test } from '../fixtures/test.ts';
import { expectAccessible } from '../harness/axe.ts';

test('several toasts at once have no accessibility fault, and each can be closed', async ({
  page,
  agent,
  settled: _settled,
}) => {
  await openInterface(page, agent);
  await page.goto(`${new URL(page.url()).origin}/#/vault`);
  await expect(page.getByRole('heading', { level: 1, name: 'Vault' })).toBeVisible();
  await page.getByRole('button', { name: 'New folder' }).first().click();
  await page.getByRole('dialog').getByRole('textbox').fill('Letters');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.goto(`${new URL(page.url()).origin}/#/settings/identity`);
  await page.getByLabel('Your name').fill('Grace');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Lock by itself' }).click();
  await page.getByRole('option', { name: 'After 5 minutes' }).click();
  const toasts = page.getByRole('region', { name: /notifications/i }).getByRole('listitem');
  await expect(toasts).toHaveCount(3);
  // They go by themselves after ten seconds, but not from under the pointer.
  await toasts.last().hover();
  await expectAccessible(page, 'several toasts');
  for (let left = 3; left > 0; left -= 1) {
    await toasts.first().getByRole('button', { name: 'Close' }).click();
    await expect(toasts).toHaveCount(left - 1);
  }
});
