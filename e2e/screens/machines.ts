import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { ImageId } from '#shared/model/ids.ts';
import { taskResult } from '../harness/agent.ts';
import { settleIn } from '../harness/person.ts';
import { machinesMissing } from '../harness/requirements.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { Frame } from '../pages/frame.ts';
import { Machines } from '../pages/machines.ts';
import type { Chapter } from './chapter.ts';

export const machines: Chapter = {
  name: 'machines',
  missing: machinesMissing,
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    const at = (address: string) => page.goto(`${new URL(page.url()).origin}/#${address}`);
    const pages = new Machines(page);
    await new Frame(page).open('Machines');
    await expect(page.getByText('You have no machines yet.')).toBeVisible();
    await shoot('1-empty');
    await at('/machines/images');
    await expect(page.getByRole('heading', { name: 'Hypha Micro' })).toBeVisible();
    await shoot('2-images');
    await at('/machines/new');
    await pages.fill({ name: 'orchard', userData: 'echo hello > greeting' });
    await expect(pages.plan.getByRole('listitem').first()).toBeVisible();
    await shoot('3-deploy');
    await page.getByRole('button', { name: 'Open something' }).click();
    await page.getByRole('button', { name: 'Ping' }).click();
    await page.getByRole('radio', { name: 'Everybody' }).click();
    await page.getByRole('button', { name: 'Open it to everybody' }).click();
    await shoot('3-deploy-open');
    await pages.fill({ name: 'Not A Name', sshKey: 'no key' });
    await page.getByLabel('User data').focus();
    await shoot('4-deploy-wrong');
    await pages.fill({ name: 'orchard', sshKey: '' });
    await pages.deploy('orchard');
    await expect(pages.steps.or(pages.screen).first()).toBeVisible();
    await shoot('5-deploying');
    await pages.prompted('orchard');
    await pages.type('cat /etc/motd; uname -a; free');
    await expect(pages.screen).toContainText('Mem:');
    await shoot('6-console');
    for (const tab of ['Use', 'Snapshots', 'Access', 'Settings']) {
      await page.getByRole('tab', { name: tab }).click();
      await shoot(`7-${tab.toLowerCase()}`);
    }
    await page.getByRole('tab', { name: 'Mesh' }).click();
    await shoot('7-mesh-off');
    await client['mesh.join'](loopbackOnly);
    await expect(page.getByText('from its next start on', { exact: true })).toBeVisible();
    await shoot('7-mesh-next-start');
    const { images } = await client['machines.images']({});
    const image = images.find((one) => one.kind === 'micro')?.id as ImageId;
    await taskResult(client, await client['machines.deploy']({ name: 'mill', image, diskMiB: 256 }));
    await client['machines.pause']({ machine: 'mill' });
    await at('/machines/~mill');
    await page.getByRole('tab', { name: 'Mesh' }).click();
    await expect(page.getByText('on the mesh now')).toBeVisible();
    await shoot('7-mesh-nobody');
    await page.getByRole('button', { name: 'Open something' }).click();
    await shoot('7-mesh-open-no-contacts');
    await page.keyboard.press('Escape');
    const added = await addPeople(client);
    await page.getByRole('button', { name: 'Open something' }).click();
    await page.getByRole('button', { name: 'SSH' }).click();
    await page.getByRole('checkbox', { name: 'Ann Miller' }).click();
    await shoot('7-mesh-open-contacts');
    await page.getByRole('radio', { name: 'Addresses' }).click();
    await shoot('7-mesh-open-addresses');
    await page.getByRole('radio', { name: 'Everybody' }).click();
    await shoot('7-mesh-open-everybody');
    await page.keyboard.press('Escape');
    const firewall = [
      ...['tcp/22 from ann-miller', 'icmp', 'tcp/443 from ben', 'tcp/8000-8100 from 4a1:2:3:4::/64,4b7:19::22'],
    ];
    await client['machines.configure']({ machine: 'mill', open: firewall });
    await expect(page.getByText('TCP 8000 to 8100')).toBeVisible();
    await client['contacts.block']({ contact: added.ben });
    await expect(page.getByText('(blocked, not let in)')).toBeVisible();
    await shoot('7-mesh-opened');
    await at('/machines/new');
    await pages.fill({ name: 'quarry' });
    for (const [what, who] of [
      ['SSH', 'Ann Miller'],
      ['HTTP', null],
    ] as const) {
      await page.getByRole('button', { name: 'Open something' }).click();
      await page.getByRole('button', { name: what }).click();
      if (who === null) await page.getByRole('radio', { name: 'Everybody' }).click();
      else await page.getByRole('checkbox', { name: who }).click();
      await page.getByRole('button', { name: /^Open it to/ }).click();
    }
    await expect(pages.plan.getByRole('region', { name: 'Over the mesh' }).getByRole('listitem')).toHaveCount(2);
    await pages.plan.getByRole('region', { name: 'Over the mesh' }).scrollIntoViewIfNeeded();
    await shoot('7-mesh-plan');
    await new Frame(page).open('Machines');
    await expect(page.getByRole('link', { name: 'mill' }).first()).toBeVisible();
    await shoot('8-list');
    await new Frame(page).open('Home');
    await shoot('9-home');
    await at('/machines/mill');
    await pages.menu('mill', 'Delete');
    await shoot('a-delete');
  },
};

/** Two contacts, from agents of their own that are gone again by then. */
async function addPeople(client: AgentClient) {
  const add = async (name: string) => {
    const person = await secondPerson(name);
    try {
      const { link } = await person.client['contacts.myCard']({});
      return (await client['contacts.add']({ card: link })).contact.id;
    } finally {
      await person.leave();
    }
  };
  return { ann: await add('Ann Miller'), ben: await add('Ben') };
}

export const noQemu: Chapter = {
  name: 'no-qemu',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    const broken = path.join(scratch, 'qemu-system-x86_64');
    await writeFile(broken, '#!/bin/sh\nexit 1\n');
    await chmod(broken, 0o755);
    await client['system.useQemu']({ path: broken });
    await client['machines.capability']({ refresh: true });
    await page.goto(await agent.link());
    await new Frame(page).open('Machines');
    await expect(page.getByText('One thing is missing: QEMU.')).toBeVisible();
    await shoot('machines');
  },
};
