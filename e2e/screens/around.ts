import { expect } from '@playwright/test';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import type { Chapter } from './chapter.ts';

/** What stands around the rooms: home, activity, settings, palette, a question, the agent gone. */
export const around: Chapter = {
  name: 'around',
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    const frame = new Frame(page);
    await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    await shoot('1-home-empty');
    await frame.open('Activity');
    await expect(page.getByRole('row').first()).toBeVisible();
    await shoot('2-activity');
    await page.getByRole('row').filter({ hasText: 'Create the identity' }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await shoot('3-entry');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Standing approvals' }).click();
    await shoot('4-approvals-none');
    await frame.open('Settings');
    await shoot('5-settings');
    for (const section of ['identity', 'machines', 'diagnostics', 'about']) {
      await page.goto(`${new URL(page.url()).origin}/#/settings/${section}`);
      await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
      await shoot(`6-settings-${section}`);
    }
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
    await shoot('7-palette');
    await page.keyboard.type('va');
    await shoot('7-palette-search');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'No tasks running' }).click();
    await shoot('8-tasks-none');
    await page.keyboard.press('Escape');
    await page.goto(`${new URL(page.url()).origin}/#/nowhere`);
    await shoot('9-not-found');

    const program = await agent.connect({ face: 'mcp', person: false, name: 'Toolbox' });
    const wish = { name: 'web-1', image: 'micro', cpus: 2, memoryMiB: 512, autostart: true } as const;
    const asked = program.client['machines.deploy'](wish).catch(() => null);
    const question = page.getByRole('dialog', { name: 'Toolbox asks for your consent' });
    await expect(question).toBeVisible();
    await shoot('a-consent');
    await question.getByRole('button', { name: 'Refuse' }).click();
    await asked;
    program.close();

    await frame.open('Home');
    await agent.kill();
    await expect(page.getByText(/Your agent has not answered since/)).toBeVisible();
    await shoot('b-away-home');
    await frame.open('Vault');
    await shoot('b-away-vault');
  },
};
