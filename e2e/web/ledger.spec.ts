import { expect, openInterface, test } from '../fixtures/test.ts';
import { expectAccessible } from '../harness/axe.ts';
import { Frame } from '../pages/frame.ts';

test('somebody opens their own ledger, issues credits with a reason, and checks all of it', async ({
  page,
  agent,
  settled: _settled,
}) => {
  test.setTimeout(180_000);
  await openInterface(page, agent);
  await new Frame(page).open('Wallet');
  const sides = page.getByRole('navigation', { name: 'Wallet' });

  await test.step('the first account is there by itself, and another one is added and renamed', async () => {
    await sides.getByRole('link', { name: 'Accounts' }).click();
    const table = page.getByRole('grid', { name: 'Accounts' });
    await expect(table.getByText('main account')).toBeVisible();
    await page.getByRole('button', { name: 'Add an account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an account' });
    await dialog.getByLabel('Name').fill('Savings');
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await expect(table.getByText('Savings')).toBeVisible();
    await expectAccessible(page, 'accounts');
  });

  await sides.getByRole('link', { name: 'My ledger' }).click();
  await expect(page.getByText('What it does not protect from')).toBeVisible();
  await expectAccessible(page, 'no ledger yet');

  await test.step('what cannot stand behind an amount is refused, in words', async () => {
    await page.getByRole('button', { name: 'Open my ledger' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open my ledger' });
    await dialog.getByRole('button', { name: 'Open it' }).click();
    await expect(dialog.getByRole('alert')).toContainText('three to ten letters');
    await dialog.getByLabel('Short name of the credits').fill('BREAD');
    await dialog.getByLabel(/^Name/).fill('Loaves');
    await expectAccessible(page, 'opening a ledger');
    await dialog.getByRole('button', { name: 'Open it' }).click();
  });
  await expect(page.getByRole('button', { name: 'Issue credits' })).toBeVisible({ timeout: 90_000 });

  await test.step('credits are issued to the last digit, and stand there with what they are for', async () => {
    await page.getByRole('button', { name: 'Issue credits' }).click();
    const dialog = page.getByRole('dialog', { name: 'Issue credits' });
    await dialog.getByLabel('Amount').fill('1,200');
    await dialog.getByLabel('What for').fill('Forty loaves');
    await expect(dialog.getByRole('alert')).toContainText('without separators');
    await dialog.getByLabel('Amount').fill('1200.5');
    await dialog.getByRole('button', { name: 'Issue 1,200.5 BREAD' }).click();
    const issued = page.getByRole('list', { name: 'Issued and given back' });
    await expect(issued.getByRole('listitem')).toContainText('Forty loaves');
    await expect(issued.getByRole('listitem')).toContainText('1,200.5 BREAD');
    await expectAccessible(page, 'the ledger');
  });

  await page.getByRole('button', { name: 'Check everything' }).click();
  await expect(page.getByText('blocks are as their transactions make them')).toBeVisible({ timeout: 60_000 });
});
