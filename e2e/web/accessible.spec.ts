import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { ImageId } from '#shared/model/ids.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { makeSamples } from '../harness/files.ts';
import { passphrase } from '../harness/person.ts';
import { runOver } from '../harness/run-over.ts';
import { untranslated } from '../harness/words.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

/** Every page by its address, and the heading that says it is there. */
const pages = [
  ['/', 'Home'],
  ['/vault', 'Vault'],
  ['/vault/places', 'Vault'],
  ['/vault/rooms', 'Vault'],
  ['/vault/snapshots', 'Vault'],
  ['/vault/watched', 'Vault'],
  ['/vault/shares', 'Vault'],
  ['/vault/disk', 'Vault'],
  ['/vault/bin', 'Vault'],
  ['/machines', 'Machines'],
  ['/machines/new', 'Deploy a machine'],
  ['/machines/images', 'Machines'],
  ['/mesh', 'Mesh'],
  ['/activity', 'Activity'],
  ['/settings', 'Settings'],
  ['/settings/identity', 'Settings'],
  ['/settings/recovery', 'Settings'],
  ['/settings/traffic', 'Settings'],
  ['/settings/machines', 'Settings'],
  ['/settings/diagnostics', 'Settings'],
  ['/settings/about', 'Settings'],
] as const;

test('first run and lock have no accessibility fault', async ({ page, agent }) => {
  const first = new FirstRun(page);
  await page.goto(agent.now.url);
  await expect(first.title('Welcome to Hypha')).toBeVisible();
  await expectAccessible(page, 'who');
  await first.begin('Ada');
  const words = await first.words();
  await expectAccessible(page, 'words');
  await first.wroteThemDown();
  await first.asked();
  await expectAccessible(page, 'check');
  await first.checkWords(words);
  await expect(first.passphrase).toBeVisible();
  await expectAccessible(page, 'protect');
  await first.protect(passphrase, 'Create my identity');
  await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
  await new Frame(page).lock();
  await expectAccessible(page, 'lock');
  await page.getByRole('button', { name: 'Use my 24 words instead' }).click();
  await expect(first.title('Type your 24 words')).toBeVisible();
  await expectAccessible(page, 'restore');
});

test('no page has an accessibility fault', async ({ page, agent, client, scratch, settled: _settled }) => {
  await makeSamples(scratch);
  await taskResult(client, await client['vault.put']({ paths: [scratch] }));
  await openInterface(page, agent);
  for (const [address, title] of pages) {
    await go(page, address, title);
    await expectAccessible(page, address);
  }
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await expectAccessible(page, 'palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'No tasks running' }).click();
  await expect(page.getByRole('dialog', { name: 'Tasks' })).toBeVisible();
  await expectAccessible(page, 'tasks');
});

test('at 200 % and 400 % zoom nothing scrolls sideways or runs over the edge', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  await makeSamples(scratch);
  await taskResult(client, await client['vault.put']({ paths: [scratch] }));
  await openInterface(page, agent);
  const found: string[] = [];
  for (const language of ['en', 'de'] as const) {
    await client['system.configure']({ language });
    // A 1280 px window has room for 640 CSS pixels at 200 % and for 320 at 400 % (WCAG 1.4.10).
    for (const [width, height] of [
      [640, 400],
      [320, 256],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const [address] of pages) {
        await go(page, address, null);
        const over = await page.evaluate<string[]>(runOver);
        found.push(...over.map((one) => `${width} px, ${language}, ${address}: ${one}`));
      }
    }
  }
  expect(found).toEqual([]);
});

test('every word goes through translation', async ({ page, agent, client, scratch, settled: _settled }) => {
  await makeSamples(scratch);
  await taskResult(client, await client['vault.put']({ paths: [path.join(scratch, 'notes.txt')] }));
  await client['system.configure']({ language: 'pseudo' });
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // After the page is open, for its link is an entry of the log too.
  const data = [...(await dataOf(client)), scratch, 'notes.txt', 'micro-1'];
  const found: string[] = [];
  for (const [address] of pages) {
    await page.goto(`${new URL(page.url()).origin}/#${address}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
    const words = await untranslated(page, [...data, ...asTheyAre]);
    found.push(...words.map((one) => `${address} ${one}`));
  }
  expect(found).toEqual([]);
});

/** What pages show as the agent gave it: names, paths, ids, and the core's own words, which are in English. */
async function dataOf(client: AgentClient): Promise<string[]> {
  const { home, hostName, platform } = await client['system.info']({});
  const { person, device, secondFactor } = await client['identity.status']({});
  const { places } = await client['vault.places']({});
  const { images } = await client['machines.images']({});
  const capability = await client['machines.capability']({});
  const { entries } = await client['activity.list']({});
  // What the form starts with, so that its plan is this one.
  const spec = {
    name: 'micro-1',
    image: images.find((image) => image.kind === 'micro')?.id as ImageId,
    memoryMiB: 128,
  };
  const plan = await client['machines.plan'](spec);
  const words = [
    ...entries.flatMap((entry) => [entry.summary, entry.caller.name]),
    ...[...plan.steps, ...plan.warnings, ...plan.blockers].map((one) => one.text),
    ...[plan.host.sees, `${plan.host.name}. ${plan.host.why}`],
    ...places.flatMap((place) => [place.path, place.name, place.deviceName]),
    ...images.flatMap((image) => [image.source, image.about, image.detail, image.name, image.arch]),
    // A kernel's release stands in a sentence that is translated.
    ...images.flatMap((image) => `${image.about} ${image.detail}`.match(/\b\d+\.\d[\w.-]*\b/g) ?? []),
    ...[
      capability.qemu?.path,
      capability.acceleratorDetail,
      secondFactor.detail,
      device?.name,
      person?.id,
      person?.name,
    ],
    ...[home, hostName, platform, 'Hypha'],
  ].filter((word) => word !== undefined && word !== '');
  // Long ones first: a name inside a path must not leave half of it behind.
  return (words as string[]).sort((a, b) => b.length - a.length);
}

/** What stands on pages in no language: units, keys, names of programs and methods, shortened and long ids, dates. */
const asTheyAre = [
  /\b(KiB|MiB|GiB|TiB|QEMU|SSH|CPUs?|TCG|KVM|Ctrl|Shift|[Aa]lt|Esc|Node|sqlite|x64|arm64)\b/,
  /\b[a-z]+\.[a-zA-Z]+\b/,
  /[\w-]{3,8}…[\w-]{3,8}/,
  /[\w-]{32,}/,
  // Intl has no pseudo-language and falls back to English.
  /\b[A-Z][a-z]{2} \d{1,2}, \d{4}(, \d{1,2}:\d{2}:\d{2}\s[AP]M)?/,
];

test('the keyboard alone makes an identity, stores a file and looks at it', async ({ page, agent, scratch }) => {
  const file = path.join(scratch, 'typed.txt');
  await writeFile(file, 'Stored by keyboard.\n');
  const first = new FirstRun(page);
  await page.goto(agent.now.url);
  await expect(first.name).toBeFocused();
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  const words = await first.words();
  await tabTo(page, page.getByRole('checkbox', { name: 'I wrote them down' }));
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('button', { name: 'Continue' }));
  await page.keyboard.press('Enter');
  const asked = await first.asked();
  for (const position of asked) {
    await tabTo(page, first.word(position));
    await page.keyboard.type(words[position - 1] ?? '');
  }
  await page.keyboard.press('Enter');
  await expect(first.passphrase).toBeFocused();
  await page.keyboard.type(passphrase);
  await tabTo(page, page.getByLabel('Type it again'));
  await page.keyboard.type(passphrase);
  await page.keyboard.press('Enter');
  await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });

  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await page.keyboard.type('vault');
  await page.keyboard.press('Enter');
  await expect(first.title('Vault')).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Upload files' }).first());
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(file);
  const vault = new Vault(page);
  await vault.stored(1);
  await tabTo(page, vault.list);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'typed.txt' }).getByText('Stored by keyboard.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

/** Go to a page; `title` null: whatever its heading is, in whatever language. */
async function go(page: Page, address: string, title: string | null): Promise<void> {
  const { origin } = new URL(page.url());
  // By way of a page that is none: several pages share a title, and the one before must not be taken for the next.
  await page.goto(`${origin}/#/nowhere`);
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveText(/^(Not here|Nicht hier)$/);
  await page.goto(`${origin}/#${address}`);
  if (title === null) await expect(heading).not.toHaveText(/^(Not here|Nicht hier|)$/);
  else await expect(heading.and(page.getByText(title, { exact: true }))).toBeVisible();
  // Skeletons are placeholders; what is judged is the page.
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

/** Press Tab until an element has the focus: it can be reached, and how far it is has a bound. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.and(page.locator(':focus')).count()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('The keyboard does not reach it.');
}
