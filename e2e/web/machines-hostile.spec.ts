import type { MachineSpec } from '#shared/contract/machines.ts';
import type { ImageId } from '#shared/model/ids.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { machineProcesses } from '../harness/machines.ts';
import { machinesMissing } from '../harness/requirements.ts';
import { Frame } from '../pages/frame.ts';
import { Machines } from '../pages/machines.ts';

const missing = await machinesMissing();
const tiny = (name: string, diskMiB = 0): MachineSpec => ({
  ...{ name, image: 'micro' as ImageId, cpus: 1, memoryMiB: 128, diskMiB, sshKeys: [], userData: '' },
  ...{ internet: false, firewall: [], autostart: false },
});

test.describe('an impatient person', () => {
  test.skip(missing !== null, missing ?? '');

  test('deploys with a double click, goes back, loads the page anew: one machine, and its page', async ({
    page,
    agent,
    client,
    settled: _settled,
  }) => {
    await openInterface(page, agent);
    const [frame, machines] = [new Frame(page), new Machines(page)];
    await frame.open('Machines');
    const deployLink = page.getByRole('link', { name: 'Deploy a machine' }).first();

    await test.step('the back button in the form deploys nothing', async () => {
      await deployLink.click();
      await machines.fill({ name: 'web-1' });
      await page.goBack();
      await expect(page.getByText('You have no machines yet.')).toBeVisible();
      expect((await client['machines.list']({})).machines).toEqual([]);
    });

    await deployLink.click();
    await machines.fill({ name: 'web-1' });
    await expect(machines.plan.getByRole('listitem').first()).toBeVisible();
    await page.getByRole('button', { name: 'Deploy web-1 on this computer' }).dblclick();
    await expect(page.getByRole('heading', { level: 1, name: 'web-1' })).toBeVisible();
    // In the middle of its deploy.
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'web-1' })).toBeVisible();
    await machines.prompted('web-1');
    expect((await client['machines.list']({})).machines.map((m) => m.spec.name)).toEqual(['web-1']);
    expect(await machineProcesses(agent.home)).toHaveLength(1);

    await test.step('back after the deploy is no second deploy', async () => {
      await page.goBack();
      await page.goForward();
      await expect(page.getByRole('heading', { level: 1, name: 'web-1' })).toBeVisible();
      expect((await client['machines.list']({})).machines).toHaveLength(1);
    });

    await test.step('a double click on Shut down is one shut-down', async () => {
      await page.getByRole('button', { name: 'Shut down', exact: true }).dblclick();
      await machines.is('stopped');
      const { tasks } = await client['tasks.list']({});
      expect(tasks.filter((task) => task.method === 'machines.stop')).toHaveLength(1);
    });
  });

  test('floods the console for twenty seconds, and leaves and enters it: the page answers, nothing is lost', async ({
    page,
    agent,
    client,
    settled: _settled,
  }) => {
    await taskResult(client, await client['machines.deploy'](tiny('web-1')));
    await openInterface(page, agent);
    const [frame, machines] = [new Frame(page), new Machines(page)];
    await frame.open('Machines');
    await page.getByRole('link', { name: 'web-1' }).first().click();
    await machines.prompted('web-1');
    const tab = (name: string) => page.getByRole('tab', { name, exact: true });

    await test.step('left and entered quickly, it shows the machine once', async () => {
      for (let round = 0; round < 12; round += 1) {
        await tab('Access').click();
        await tab('Console').click();
      }
      await machines.prompted('web-1');
      await machines.type('echo one=$((1+0))');
      await expect(machines.screen).toContainText('one=1');
      const shown = (await machines.screen.innerText()).match(/one=1/g);
      expect(shown).toHaveLength(1);
    });

    await machines.type('timeout 20 yes "$((6*7))-flood"; echo calm=$((2+3))');
    await expect(machines.screen).toContainText('42-flood');
    const heap = () =>
      page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
    const before = await heap();
    // Each of these waits for the page to answer while it is flooded.
    for (let round = 0; round < 4; round += 1) {
      await tab('Use').click();
      await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible();
      await tab('Console').click();
      await expect(machines.screen).toContainText('42-flood');
    }
    await expect(machines.screen).toContainText('calm=5', { timeout: 90_000 });
    expect((await heap()) - before).toBeLessThan(150 * 1024 * 1024);
    await machines.type('echo after=$((3*3))');
    await expect(machines.screen).toContainText('after=9');
  });

  test('keeps two hundred snapshots: the page shows them, and one can be deleted', async ({
    page,
    agent,
    client,
    settled: _settled,
  }) => {
    await taskResult(client, await client['machines.deploy'](tiny('web-1', 16)));
    await taskResult(client, await client['machines.stop']({ machine: 'web-1', force: true }));
    for (let n = 1; n <= 200; n += 1)
      await taskResult(client, await client['machines.snapshot']({ machine: 'web-1', name: `state ${n}` }));
    await openInterface(page, agent);
    await new Frame(page).open('Machines');
    await page.getByRole('link', { name: 'web-1' }).first().click();
    await page.getByRole('tab', { name: 'Snapshots', exact: true }).click();
    await expect(page.getByText('state 200', { exact: true })).toBeVisible();
    const last = page.getByText('state 1', { exact: true });
    await last.scrollIntoViewIfNeeded();
    await expect(last).toBeInViewport();
    await taskResult(client, await client['machines.deleteSnapshot']({ machine: 'web-1', name: 'state 1' }));
    await expect(last).toHaveCount(0);
    await taskResult(client, await client['machines.delete']({ machine: 'web-1' }));
  });
});
