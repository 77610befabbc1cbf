import { createServer } from 'node:http';
import { expect } from '@playwright/test';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** The vault as a disk: off, the question, the password that is shown once, and another program in its place. */
export const disk: Chapter = {
  name: 'disk',
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    await new Frame(page).open('Vault');
    await expect(page.getByText('Your vault is empty.')).toBeVisible();
    await new Vault(page).side('As a disk');
    const toggle = page.getByRole('switch', { name: 'Vault as a disk' });
    await expect(toggle).toBeVisible();
    await shoot('1-off');
    await toggle.click();
    await expect(page.getByText('Every program that is given the password')).toBeVisible();
    await shoot('2-question');
    await page.getByRole('button', { name: 'Switch it on' }).click();
    await expect(page.getByText('This password is shown only now.')).toBeVisible();
    await shoot('3-password');
    await page.getByRole('radio', { name: 'Windows' }).click();
    await page.reload();
    await expect(page.getByText('Shown only when it was made.')).toBeVisible();
    await shoot('4-on');
    const { port } = await client['vault.webdavStatus']({});
    await client['vault.webdavOff']({});
    const other = createServer();
    await new Promise<void>((done) => other.listen(port ?? 0, '127.0.0.1', done));
    try {
      await client['vault.webdavOn']({});
      await expect(page.getByText('Another program took the port')).toBeVisible();
      await client['system.configure']({ language: 'de' });
      await expect(page.getByText('Ein anderes Programm hat den Port')).toBeVisible();
      await shoot('5-elsewhere');
    } finally {
      other.close();
    }
  },
};
