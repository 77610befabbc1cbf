import type { Page } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { ImageId } from '#shared/model/ids.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { expectAccessible } from '../harness/axe.ts';
import { machinesMissing } from '../harness/requirements.ts';
import { runOver } from '../harness/run-over.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { untranslated } from '../harness/words.ts';
import { Machines } from '../pages/machines.ts';

const missing = await machinesMissing();
test.skip(missing !== null, missing ?? '');

test('a machine is put on the mesh, opened to somebody and closed again, by keyboard alone', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  await client['mesh.join'](loopbackOnly);
  await openInterface(page, agent);
  await go(page, '/machines/new');
  const machines = new Machines(page);
  await machines.fill({ name: 'web-1' });
  const part = page.getByRole('group', { name: 'Reachable on the mesh' });
  await expect(part).toContainText('Nobody on the mesh reaches it.');
  const reach = machines.plan.getByRole('region', { name: 'Over the mesh' });
  await expect(reach).toContainText('Nobody on the mesh reaches it: everything is closed.');
  await part.getByRole('button', { name: 'Open something' }).press('Enter');
  await page.getByRole('button', { name: 'Ping' }).press('Space');
  await page.getByRole('radio', { name: 'Everybody' }).press('Space');
  await expect(page.getByText(/strangers too/)).toBeVisible();
  await expectAccessible(page, 'an opening');
  await page.getByRole('button', { name: 'Open it to everybody' }).press('Enter');
  await expect(part.getByRole('listitem')).toHaveText('Ping, for everybody on the mesh');
  await expect(reach.getByRole('listitem')).toHaveText('Ping, for everybody on the mesh');
  await expect(reach).toContainText('Everything else is closed.');
  await expectAccessible(page, 'the deploy form');
  await machines.deploy('web-1');
  await machines.is('running');

  await page.getByRole('tab', { name: 'Mesh' }).click();
  const { machine } = await client['machines.get']({ machine: 'web-1' });
  expect(machine.spec.firewall).toEqual(['icmp']);
  await expect(page.getByText('on the mesh now')).toBeVisible();
  await expect(page.getByText(machine.mesh?.address ?? 'no address', { exact: true })).toBeVisible();
  await expect(page.getByText('What did not pass')).toBeVisible();

  const open = page.getByRole('button', { name: 'Open something' });
  await open.press('Enter');
  await page.getByRole('button', { name: 'SSH' }).press('Enter');
  await expect(page.getByText('You have no contacts yet.')).toBeVisible();
  await page.getByRole('radio', { name: 'Addresses' }).press('Space');
  await page.getByLabel('Addresses or prefixes').press('Control+a');
  await page.keyboard.type('2001:db8::1');
  await page.getByRole('button', { name: 'Open it to them' }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('One of these cannot be on the mesh');
  await page.getByLabel('Addresses or prefixes').press('Control+a');
  await page.keyboard.type('4a1:2:3:4::/64');
  await page.getByRole('button', { name: 'Open it to them' }).press('Enter');
  const list = page.getByRole('list', { name: 'Who reaches it over the mesh' });
  await expect(list.getByRole('listitem')).toHaveText([
    'Ping, for everybody on the mesh',
    'SSH (TCP 22), for 4a1:2:3:4::/64',
  ]);
  const firewall = async () => (await client['machines.get']({ machine: 'web-1' })).machine.spec.firewall;
  expect(await firewall()).toEqual(['icmp', 'tcp/22 from 4a1:2:3:4::/64']);

  await page.getByRole('button', { name: 'Close Ping, for everybody on the mesh' }).press('Enter');
  await expect(list.getByRole('listitem')).toHaveText(['SSH (TCP 22), for 4a1:2:3:4::/64']);
  await expect(open).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).last().press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(2);
  expect(await firewall()).toEqual(['tcp/22 from 4a1:2:3:4::/64', 'icmp']);
  await expectAccessible(page, 'a machine on the mesh');

  await test.step('what is kept out is counted, with its reason', async () => {
    const ben = await secondPerson('Ben');
    try {
      await client['mesh.addPeer']({ endpoint: ben.endpoint });
      await expect.poll(async () => (await ben.client['mesh.status']({})).routes).toBeGreaterThan(0);
      const target = machine.mesh?.address ?? '';
      const pinged = async () => {
        for await (const { ms } of ben.client['mesh.ping']({ target, count: 1 })) return ms !== null;
        return false;
      };
      await expect.poll(pinged).toBe(true);
      // The person reaches it by its name.
      for await (const { ms } of client['mesh.ping']({ target: `${machine.spec.name}.me.hypha`, count: 1 })) {
        expect(ms).not.toBeNull();
      }
      await expect(page.getByText('Nothing was kept out so far.')).toBeVisible();
      await page.getByRole('button', { name: 'Close Ping, for everybody on the mesh' }).press('Enter');
      await expect.poll(firewall).toEqual(['tcp/22 from 4a1:2:3:4::/64']);
      expect(await pinged()).toBe(false);
      await expect(page.getByText('not open to the other side')).toBeVisible();

      await test.step('a contact is let in by name, and is not while blocked', async () => {
        const { link } = await ben.client['contacts.myCard']({});
        const { contact } = await client['contacts.add']({ card: link, petname: 'Ben Carter' });
        await open.press('Enter');
        await page.getByRole('button', { name: 'Ping' }).press('Space');
        await page.getByRole('checkbox', { name: 'Ben Carter' }).press('Space');
        await expectAccessible(page, 'an opening for a contact');
        await page.getByRole('button', { name: 'Open it to them' }).press('Enter');
        const last = list.getByRole('listitem').last();
        await expect(last).toHaveText('Ping, for Ben Carter');
        expect(await firewall()).toEqual(['tcp/22 from 4a1:2:3:4::/64', 'icmp from ben-carter']);
        expect(await pinged()).toBe(true);
        await client['contacts.block']({ contact: contact.id });
        await expect(last).toHaveText('Ping, for Ben Carter (blocked, not let in)');
        expect(await pinged()).toBe(false);
        await expectAccessible(page, 'an opening for a blocked contact');
        await client['contacts.unblock']({ contact: contact.id });
        await expect(last).toHaveText('Ping, for Ben Carter');
        expect(await pinged()).toBe(true);
        await client['contacts.rename']({ contact: contact.id, petname: 'Benjamin' });
        await expect(last).toHaveText('Ping, for Benjamin');
        await page.getByRole('button', { name: 'Close Ping, for Benjamin' }).press('Enter');
        await expect.poll(firewall).toEqual(['tcp/22 from 4a1:2:3:4::/64']);
        expect(await pinged()).toBe(false);
      });
    } finally {
      await ben.leave();
    }
  });

  await client['mesh.leave']({});
  await page.getByRole('link', { name: 'Join the mesh' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Join the mesh' })).toBeVisible();
});

test('a machine on the mesh fits a phone, and speaks the language of the person', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  await deployOpen(client);
  await openInterface(page, agent);
  await client['mesh.join'](loopbackOnly);
  const ben = await secondPerson('Ben');
  try {
    const { link } = await ben.client['contacts.myCard']({});
    await client['contacts.add']({ card: link, petname: 'Benjamin Carter of the Long Name Street' });
  } finally {
    await ben.leave();
  }
  const { machine } = await client['machines.get']({ machine: 'web-1' });
  const found: string[] = [];
  for (const language of ['en', 'de'] as const) {
    await client['system.configure']({ language });
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 480 });
      await onTab(page, machine.id);
      found.push(...(await page.evaluate<string[]>(runOver)).map((one) => `${width} px, ${language}: ${one}`));
      await page.getByRole('button', { name: /^(Open something|Etwas öffnen)$/ }).click();
      await page.getByRole('radio', { name: /^(Everybody|Alle)$/ }).click();
      found.push(...(await page.evaluate<string[]>(runOver)).map((one) => `${width} px, ${language}, open: ${one}`));
      await page.getByRole('radio', { name: /^(Contacts|Kontakte)$/ }).click();
      await expect(page.getByRole('checkbox').first()).toBeVisible();
      found.push(...(await page.evaluate<string[]>(runOver)).map((one) => `${width} px, ${language}, whom: ${one}`));
      await page.keyboard.press('Escape');
    }
  }
  expect(found).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await client['system.configure']({ language: 'pseudo' });
  await onTab(page, machine.id);
  await expect(page.getByRole('tab').nth(4)).toHaveText(/^\[/);
  const { person } = await client['identity.status']({});
  const data = ['web-1', machine.spec.image, person?.name ?? '', '4a1:2:3:4::/64', machine.detail, 'Hypha'];
  expect(await untranslated(page, [...data.filter(Boolean), ...asTheyAre])).toEqual([]);
});

/** A machine that is open to a prefix and to everybody. */
async function deployOpen(client: AgentClient): Promise<void> {
  const { images } = await client['machines.images']({});
  const image = images.find((one) => one.kind === 'micro')?.id as ImageId;
  const firewall = ['tcp/8000-8100 from 4a1:2:3:4::/64', 'tcp/443', 'any from 400::/7'];
  await taskResult(client, await client['machines.deploy']({ name: 'web-1', image, firewall }));
}

async function go(page: Page, address: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#${address}`);
}

async function onTab(page: Page, id: string): Promise<void> {
  await go(page, '/machines');
  await go(page, `/machines/${id}`);
  await page.getByRole('tab').nth(4).click();
  await expect(page.locator('main [aria-busy=true]')).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: '4a1:2:3:4::/64' })).toBeVisible();
}

/** What stands there in no language: units, protocols, prefixes, times. */
const asTheyAre = [
  /\b(KiB|MiB|GiB|TCP|UDP|SSH|HTTPS?|TCG|KVM|CPUs?|Ctrl|Shift|[Aa]lt|Esc)\b/,
  /\b400::\/7/,
  /\b(now|seconds? ago|minutes? ago|in \d+ \w+)\b/,
];
