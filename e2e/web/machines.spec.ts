import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { ImageId } from '#shared/model/ids.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { agentAway } from '../fixtures/watch.ts';
import { taskResult } from '../harness/agent.ts';
import { machineProcesses } from '../harness/machines.ts';
import { passphrase } from '../harness/person.ts';
import { machinesMissing, sshMissing } from '../harness/requirements.ts';
import { sshClient } from '../harness/ssh.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';
import { Machines } from '../pages/machines.ts';

const adaKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@desk';
const missing = await machinesMissing();

test.describe('with a real QEMU', () => {
  test.skip(missing !== null, missing ?? '');

  test('a machine is deployed from the form, worked on, and deleted', async ({
    page,
    agent,
    client,
    scratch,
    settled: _settled,
  }) => {
    const ssh = sshMissing() === null ? await sshClient(scratch) : null;
    await openInterface(page, agent);
    await new Frame(page).open('Machines');
    const machines = new Machines(page);
    await expect(page.getByText('You have no machines yet.')).toBeVisible();
    await page.getByRole('link', { name: 'Deploy a machine' }).first().click();
    await machines.fill({ name: 'web-1', sshKey: ssh?.publicKey ?? '', userData: 'echo made > /root/by-user-data' });
    await expect(machines.plan.getByRole('listitem').first()).toBeVisible();
    await machines.deploy('web-1');

    await machines.prompted('web-1');
    // The sum is made by the machine: what was typed does not hold it.
    await machines.type('echo sum=$((6*7))');
    await expect(machines.screen).toContainText('sum=42');
    await machines.type('cat by-user-data');
    await expect(machines.screen).toContainText('made');

    await test.step('what was copied is pasted by the keys, without a right to read the clipboard', async () => {
      await page.context().grantPermissions(['clipboard-write'], { origin: new URL(agent.now.url).origin });
      await page.evaluate("navigator.clipboard.writeText('echo pasted=$((5*5))')");
      await page.locator('.xterm-screen').click();
      await page.keyboard.press('ControlOrMeta+Shift+V');
      await page.keyboard.press('Enter');
      await expect(machines.screen).toContainText('pasted=25');
    });

    await test.step('a real SSH client gets in, and knows the machine beforehand', async () => {
      test.skip(ssh === null, sshMissing() ?? '');
      if (ssh === null) return;
      const { machine } = await client['machines.get']({ machine: 'web-1' });
      const ended = await ssh.exec(machine, 'hostname');
      expect(ended.stdout.trim(), ended.stderr).toBe('web-1');
    });

    await machines.menu('web-1', 'Pause');
    await machines.is('paused');
    await machines.act('Go on');
    await machines.is('running');

    // The scrollback comes from the log, so it outlives the page.
    await page.reload();
    await expect(machines.screen).toContainText('sum=42');

    await machines.act('Shut down');
    await machines.is('stopped');
    expect(await machineProcesses(agent.home)).toEqual([]);
    await machines.act('Start');
    await machines.is('running');
    await machines.prompted('web-1');

    await machines.menu('web-1', 'Delete');
    await machines.confirmDelete('web-1');
    await expect(page.getByText('You have no machines yet.')).toBeVisible({ timeout: 30_000 });
    expect(await machineProcesses(agent.home)).toEqual([]);
  });

  test('a machine outlives its agent, and its console goes on', async ({
    page,
    agent,
    client,
    watch,
    settled: _settled,
  }) => {
    await deployMicro(client, 'steady');
    const before = await machineProcesses(agent.home);
    expect(before).toHaveLength(1);
    await openInterface(page, agent);
    await new Frame(page).open('Machines');
    await page.getByRole('link', { name: 'steady' }).first().click();
    const machines = new Machines(page);
    await machines.type('echo first=$((1+1))');
    await expect(machines.screen).toContainText('first=2');

    watch.expectErrors(agentAway);
    await agent.kill();
    await expect(page.getByText(/Your agent has not answered since/)).toBeVisible();
    expect(await machineProcesses(agent.home)).toEqual(before);
    await agent.restart();
    const first = new FirstRun(page);
    await expect(first.title('Locked')).toBeVisible({ timeout: 60_000 });
    await first.unlock(passphrase);
    await expect(machines.screen).toContainText('first=2', { timeout: 30_000 });
    await machines.type('echo second=$((1+2))');
    await expect(machines.screen).toContainText('second=3');
    expect(await machineProcesses(agent.home)).toEqual(before);
  });

  test('what is changed in its settings counts at once, or says that it waits for the next start', async ({
    page,
    agent,
    client,
    settled: _settled,
  }) => {
    await deployMicro(client, 'web-1');
    await openInterface(page, agent);
    await new Frame(page).open('Machines');
    await page.getByRole('link', { name: 'web-1' }).first().click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    const get = async () => (await client['machines.get']({ machine: 'web-1' })).machine;

    await page.getByRole('switch', { name: 'Start again by itself' }).click();
    await expect.poll(async () => (await get()).spec.autostart).toBe(true);
    await page.getByRole('switch', { name: 'Internet access' }).click();
    await expect(page.getByText(/reaches the internet from its next start on/)).toBeVisible();

    const keys = page.getByRole('region', { name: 'SSH keys' });
    await keys.getByLabel('New public SSH keys').fill('ssh-ed25519 nonsense!');
    await keys.getByRole('button', { name: 'Add the keys' }).click();
    await expect(keys.getByRole('alert')).toContainText('This is not a public SSH key.');
    await keys.getByLabel('New public SSH keys').fill(adaKey);
    await keys.getByRole('button', { name: 'Add the keys' }).click();
    await expect(keys.getByRole('listitem')).toContainText('from the next start on');
    await expect(keys.getByLabel('New public SSH keys')).toHaveValue('');

    await page.getByLabel('Memory (MiB)').fill('320');
    await page.getByRole('button', { name: 'Change the size' }).click();
    const waits = page.getByText(
      /^From its next start on: 320 MiB memory · internet access · its new list of SSH keys$/,
    );
    await expect(waits).toBeVisible();
    await expect(page.getByText(/256 MiB memory/)).toBeVisible();

    await keys.getByRole('button', { name: 'Remove the key ada@desk' }).click();
    await expect(keys.getByRole('listitem')).toHaveCount(0);
    const machines = new Machines(page);
    await machines.act('Shut down');
    await machines.is('stopped');
    await machines.act('Start');
    await machines.is('running');
    await expect(waits).toHaveCount(0);
    expect(await get()).toMatchObject({ running: { memoryMiB: 320, internet: true, sshKeys: [] }, waiting: [] });
  });

  test('a name that is taken and a key that is none are said at their fields', async ({
    page,
    agent,
    client,
    settled: _settled,
  }) => {
    await deployMicro(client, 'web-1');
    await openInterface(page, agent);
    await new Frame(page).open('Machines');
    await page.getByRole('link', { name: 'Deploy a machine' }).first().click();
    const machines = new Machines(page);
    await machines.fill({ name: 'web-1', sshKey: 'not a key' });
    await page.getByLabel('User data').focus();
    await expect(page.getByText('This is not a public SSH key.', { exact: false }).first()).toBeVisible();
    await page.getByLabel('Public SSH keys').fill('');
    await expect(machines.plan.getByRole('alert')).toContainText('web-1');
    await expect(page.getByRole('button', { name: 'Deploy web-1 on this computer' })).toBeDisabled();
  });
});

test('without QEMU the page names the one command that brings it', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  // A QEMU that does not even tell its version is none.
  const broken = path.join(scratch, 'qemu-system-x86_64');
  await writeFile(broken, '#!/bin/sh\nexit 1\n');
  await chmod(broken, 0o755);
  await client['system.useQemu']({ path: broken });
  const { installCommand } = await client['machines.capability']({ refresh: true });
  await openInterface(page, agent);
  await new Frame(page).open('Machines');
  await expect(page.getByText('One thing is missing: QEMU.')).toBeVisible();
  await expect(page.getByText(installCommand)).toBeVisible();
  await client['system.useQemu']({ path: '' });
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByText('One thing is missing: QEMU.')).toHaveCount(missing === null ? 0 : 1);
});

async function deployMicro(client: AgentClient, name: string): Promise<void> {
  const { images } = await client['machines.images']({});
  const image = images.find((one) => one.kind === 'micro')?.id as ImageId;
  await taskResult(client, await client['machines.deploy']({ name, image, memoryMiB: 256 }));
}
