import { expect, openInterface, test } from '../fixtures/test.ts';
import { agentAway } from '../fixtures/watch.ts';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';

test('with the agent gone, pages say that they show what was known, and offer one way to try again', async ({
  page,
  agent,
  watch,
  settled: _settled,
}) => {
  watch.expectErrors(agentAway);
  // Its code comes before the agent goes; what the page knows does not.
  const code = page.waitForResponse(/vault-page.*\.js$/);
  await openInterface(page, agent);
  await expect(page.getByText('All is well. Your vault is empty.')).toBeVisible();
  await expect(page.getByText('As last known:')).toHaveCount(0);
  // And all that it stands on, which is asked for beside it, and may come after it.
  await page.evaluate(async (url) => void (await import(url)), (await code).url());
  await agent.kill();
  await expect(page.getByText('As last known:')).toBeVisible();
  await new Frame(page).open('Vault');
  await expect(page.getByText('Your agent is away.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Try/ })).toHaveCount(1);
});

test('a page whose code could not come can be loaded as soon as the agent is back', async ({
  page,
  agent,
  watch,
  settled: _settled,
}) => {
  watch.expectErrors(agentAway);
  watch.expectErrors(/PageNotLoaded/);
  let gone = true;
  await page.route(/vault-page.*\.js$/, (route) => (gone ? route.abort('connectionrefused') : route.continue()));
  await openInterface(page, agent);
  await expect(page.getByText('All is well. Your vault is empty.')).toBeVisible();
  await agent.kill();
  await expect(page.getByText('As last known:')).toBeVisible();
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Vault' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Not here yet' })).toBeVisible();
  await expect(page.getByText('Something broke')).toHaveCount(0);
  gone = false;
  await agent.restart();
  const first = new FirstRun(page);
  await expect(first.title('Locked')).toBeVisible({ timeout: 60_000 });
  await first.unlock(passphrase);
  await page.getByRole('button', { name: 'Load it now' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Vault' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('Your vault is empty.')).toBeVisible();
});
