import type { Page } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { expectAccessible } from '../harness/axe.ts';
import { runOver } from '../harness/run-over.ts';
import { loopbackOnly, type SecondPerson, secondPerson } from '../harness/second-person.ts';
import { untranslated } from '../harness/words.ts';

/** The parts of the room, for who has joined. */
const parts = [
  '/mesh',
  '/mesh/map',
  '/mesh/peers',
  '/mesh/routes',
  '/mesh/services',
  '/mesh/messages',
  '/mesh/messages/rules',
  '/mesh/diagnose',
  '/mesh/settings',
] as const;

test('no part of the mesh has an accessibility fault, is too wide at 400 % zoom, or speaks untranslated', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  const ben = await secondPerson('Ben');
  try {
    await settleMesh(client, ben);
    await openInterface(page, agent);
    await test.step('axe, both themes', async () => {
      for (const part of parts) {
        await go(page, part);
        await expectAccessible(page, part);
      }
      await inDialogs(page);
    });
    await test.step('320 and 640 CSS pixels, English and German', async () => {
      const found: string[] = [];
      for (const language of ['en', 'de'] as const) {
        await client['system.configure']({ language });
        for (const [width, height] of [
          [640, 400],
          [320, 256],
        ] as const) {
          await page.setViewportSize({ width, height });
          for (const part of parts) {
            await go(page, part);
            const over = await page.evaluate<string[]>(runOver);
            found.push(...over.map((one) => `${width} px, ${language}, ${part}: ${one}`));
          }
        }
      }
      expect(found).toEqual([]);
    });
    await test.step('every word goes through translation', async () => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await client['system.configure']({ language: 'pseudo' });
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^\[/);
      const data = await dataOf(client, ben);
      const found: string[] = [];
      for (const part of parts) {
        await go(page, part);
        const words = await untranslated(page, [...data, ...asTheyAre]);
        found.push(...words.map((one) => `${part} ${one}`));
      }
      expect(found).toEqual([]);
    });
  } finally {
    await ben.leave();
  }
});

/** A little of everything: a peer, a service each way, letters, a rule. */
async function settleMesh(client: AgentClient, ben: SecondPerson): Promise<void> {
  const { address } = await client['mesh.join']({ ...loopbackOnly });
  await client['mesh.configure']({ strangers: true });
  await ben.client['mesh.configure']({ strangers: true });
  await client['mesh.addPeer']({ endpoint: ben.endpoint });
  await expect.poll(async () => (await client['mesh.status']({})).routes).toBeGreaterThan(0);
  await client['mesh.forward']({ target: ben.address, port: 8080 });
  await client['mesh.expose']({ localPort: 8080, allow: [ben.address] });
  await client['mesh.setSocks']({ on: true });
  await client['mesh.setTopic']({ topic: 'garden', allow: [ben.address] });
  await client['mesh.send']({ to: ben.address, text: 'Are the mushrooms up?', topic: 'garden' });
  await ben.client['mesh.send']({ to: address ?? '', text: 'Three of them.', topic: 'garden' });
  await expect.poll(async () => (await client['mesh.messages']({ box: 'in' })).messages.length).toBe(1);
}

async function inDialogs(page: Page): Promise<void> {
  const dialogs = [
    ['/mesh/peers', 'Add a peer'],
    ['/mesh/services', 'Bring a service here'],
    ['/mesh/services', 'Offer a service'],
    ['/mesh/messages', 'Write a message'],
    ['/mesh/messages/rules', 'Add a rule'],
  ] as const;
  for (const [part, button] of dialogs) {
    await go(page, part);
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, button);
    await page.keyboard.press('Escape');
  }
  await go(page, '/mesh/messages');
  await page.getByRole('row').filter({ hasText: 'Three of them.' }).click();
  await expect(page.getByRole('region', { name: 'Content' })).toBeVisible();
  await expectAccessible(page, 'a message');
  await page.keyboard.press('Escape');
  await go(page, '/mesh/diagnose');
  await page.getByLabel('Whom').fill('nobody.hypha');
  await page.getByRole('button', { name: 'Find out whether it can be reached' }).click();
  await expect(page.getByText('It cannot be reached now.')).toBeVisible();
  await expectAccessible(page, 'findings');
}

async function go(page: Page, part: string): Promise<void> {
  const { origin } = new URL(page.url());
  const heading = page.getByRole('heading', { level: 1 });
  // By way of a page that is none: all parts share a title, and the one before must not be taken for the next.
  await page.goto(`${origin}/#/nowhere`);
  await expect(heading).toHaveText(/^(Not here|Nicht hier|\[Ñóţ ħéřé.*)$/);
  await page.goto(`${origin}/#${part}`);
  await expect(heading).toHaveText(/^(Mesh|Netz|\[Ṁéšħ.*)$/);
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  await page.waitForLoadState('networkidle');
}

/** What pages show as the agent gave it: addresses, names, endpoints, and the core's own words. */
async function dataOf(client: AgentClient, ben: SecondPerson): Promise<string[]> {
  const { address, subnet, publicKey, endpoints, detail } = await client['mesh.status']({});
  const { routes } = await client['mesh.routes']({});
  const { forwards } = await client['mesh.forwards']({});
  const { exposures } = await client['mesh.exposures']({});
  const { user } = await client['mesh.socks']({});
  const { person } = await client['identity.status']({});
  const words = [
    ...[address, subnet, publicKey, detail, ben.address, ben.endpoint, person?.name, user],
    ...[...endpoints, `hypha://peer?${endpoints.map((one) => `e=${encodeURIComponent(one)}`).join('&')}`],
    ...routes.flatMap((route) => [route.address, route.prefix, route.via, route.name]),
    ...[...forwards, ...exposures].map((relay) => relay.detail),
    ...['Are the mushrooms up?', 'Three of them.', 'garden', 'Hypha'],
  ].filter((word): word is string => typeof word === 'string' && word !== '');
  // Long ones first: a name inside a path must not leave half of it behind.
  return words.sort((a, b) => b.length - a.length);
}

/** What stands on pages in no language: units, protocols, links, times. */
const asTheyAre = [
  /\b(KiB|MiB|GiB|B\/s|ms|TCP|TLS|SOCKS|HTTP|DNS|SSH|Ctrl|Shift|[Aa]lt|Esc)\b/,
  /[\w-]{3,12}…[\w-]{3,12}/,
  /\b(now|seconds? ago|minutes? ago|in \d+ \w+)\b/,
];
