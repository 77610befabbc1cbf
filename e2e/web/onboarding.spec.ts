import { expect, openInterface, test } from '../fixtures/test.ts';
import { agentAway } from '../fixtures/watch.ts';
import { startAgent, temporaryHome } from '../harness/agent.ts';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';

test.describe('a newcomer', () => {
  test('makes an identity in under two minutes and is at home', async ({ page, agent, client }) => {
    const first = new FirstRun(page);
    const began = Date.now();
    await page.goto(agent.now.url);
    await first.begin('Ada');
    const words = await first.words();
    expect(new Set(words).size).toBeGreaterThan(18);
    await first.wroteThemDown();
    await first.checkWords(words);
    await first.protect(passphrase, 'Create my identity');
    await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
    // Two minutes are the promise to a person who reads and writes; a script must need a fraction of it.
    expect(Date.now() - began).toBeLessThan(120_000);

    const { state, person } = await client['identity.status']({});
    expect(state).toBe('unlocked');
    expect(person).toMatchObject({ name: 'Ada', phraseConfirmed: true });
    expect((await client['vault.status']({})).state).toBe('ready');

    // The session survives a reload, and the address holds no token any more.
    expect(page.url()).not.toContain('token');
    await page.reload();
    await expect(first.title('Home')).toBeVisible();
  });

  test('is told which word is wrong, and can look at the words again', async ({ page, agent }) => {
    const first = new FirstRun(page);
    await page.goto(agent.now.url);
    await first.begin('Ada');
    const words = await first.words();
    await first.wroteThemDown();
    const [position] = await first.asked();
    await first.checkWords(words.map((word, at) => (at + 1 === position ? 'zoo' : word)));
    await expect(page.getByText(`That is not word ${position}.`)).toBeVisible();
    await page.getByRole('button', { name: 'See the words again' }).click();
    expect(await first.words()).toEqual(words);
  });

  test('keeps the words over a reload, about which the browser asks first', async ({ page, agent, watch }) => {
    watch.expectErrors(agentAway);
    const first = new FirstRun(page);
    await page.goto(agent.now.url);
    await first.begin('Ada');
    const words = await first.words();
    let asked = '';
    page.once('dialog', (dialog) => {
      asked = dialog.type();
      void dialog.accept();
    });
    await page.reload();
    expect(asked).toBe('beforeunload');
    await expect(page.getByText(/the same words as before/)).toBeVisible();
    expect(await first.words()).toEqual(words);
    // The agent holds them no longer after a restart: the paper is worthless now, and that is said.
    await agent.restart();
    await page.reload();
    await expect(page.getByText('These are other words than before.')).toBeVisible();
    expect(await first.words()).not.toEqual(words);
  });

  test('makes one identity, however often the button is pressed', async ({ page, agent, client }) => {
    const first = new FirstRun(page);
    await page.goto(agent.now.url);
    await first.begin('Ada');
    await first.words();
    await page.getByRole('button', { name: 'Write them down later' }).click();
    await first.passphrase.fill(passphrase);
    await page.getByLabel('Type it again').fill(passphrase);
    await page.getByRole('button', { name: 'Create my identity' }).dblclick();
    await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
    const methods = ['identity.create', 'system.configure', 'vault.setup'];
    const made = async () => {
      const { entries } = await client['activity.list']({ limit: 50 });
      return entries.flatMap(({ method }) => (methods.includes(method) ? [method] : [])).sort();
    };
    await expect.poll(made).toEqual(methods);
  });

  test('who skips the check is reminded until the words are confirmed', async ({ page, agent }) => {
    const first = new FirstRun(page);
    await page.goto(agent.now.url);
    await first.begin('Ada');
    await first.words();
    await page.getByRole('button', { name: 'Write them down later' }).click();
    await first.protect(passphrase, 'Create my identity');
    await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('You have not yet confirmed that your 24 words are written down.')).toBeVisible();
  });

  test('never finds the words on the clipboard', async ({ page, context, agent }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(agent.now.url).origin });
    const first = new FirstRun(page);
    await page.goto(agent.now.url);
    await page.evaluate('navigator.clipboard.writeText("before")');
    await first.begin('Ada');
    await first.words();
    await first.wroteThemDown();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('before');
  });
});

test('a link opens the interface once', async ({ page, browser, agent, settled: _settled }) => {
  const url = await agent.now.link();
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  const stranger = await browser.newContext();
  const other = await stranger.newPage();
  await other.goto(url);
  await expect(other.getByRole('heading', { level: 1, name: 'This page may not talk to your agent' })).toBeVisible();
  await expect(other.getByRole('navigation', { name: 'Rooms' })).toHaveCount(0);
  await stranger.close();
});

test('locks and unlocks; a wrong passphrase says so', async ({ page, agent, settled: _settled }) => {
  const first = new FirstRun(page);
  await openInterface(page, agent);
  await new Frame(page).lock();
  await first.unlock('not the passphrase');
  await expect(page.getByText('This is not the passphrase.')).toBeVisible({ timeout: 30_000 });
  // The next try may have to wait; the button says how long.
  await expect(page.getByRole('button', { name: 'Unlock' })).toBeEnabled({ timeout: 30_000 });
  await first.unlock(passphrase);
  await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
});

test('the 24 words bring the same person back on another computer', async ({ page, settled }) => {
  const first = new FirstRun(page);
  const { home, remove } = await temporaryHome();
  const second = await startAgent({ home, port: 0 });
  try {
    await page.goto(second.url);
    await first.name.fill('Ada');
    await page.getByRole('button', { name: 'I have 24 words' }).click();
    await first.typeWords(settled.words);
    await first.protect('another passphrase', 'Restore my identity');
    await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
    const connection = await second.connect();
    const { person } = await connection.client['identity.status']({});
    connection.close();
    expect(person?.id).toBe(settled.id);
  } finally {
    // The page leaves before its agent does.
    await page.goto('about:blank');
    await second.stop();
    await remove();
  }
});

test('the phrase of somebody else is refused by name', async ({ page, agent, settled: _settled }) => {
  const first = new FirstRun(page);
  await openInterface(page, agent);
  await new Frame(page).lock();
  await page.getByRole('button', { name: 'Use my 24 words instead' }).click();
  // BIP-39's vector of 32 zero bytes: a valid phrase, and nobody's here.
  await first.typeWords([...Array.from({ length: 23 }, () => 'abandon'), 'art']);
  await first.protect('another passphrase', 'Restore my identity');
  const refusal = page.getByText('These words belong to another person. This data directory is of Ada.', {
    exact: true,
  });
  await expect(refusal).toBeVisible({ timeout: 30_000 });
});
