import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { settleIn } from '../harness/person.ts';
import { secondDevice } from '../harness/second-device.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** The same files on two devices of one person: off, the question, the digits, together. */
export const ownDevices: Chapter = {
  name: 'own-devices',
  async play({ page, agent, client, shoot, scratch }) {
    await settleIn(client, 'Ada Lovelace');
    const file = path.join(scratch, 'letter.txt');
    await writeFile(file, 'A letter from the desk.');
    await client['vault.put']({ paths: [file] });
    await page.goto(await agent.link());
    await new Frame(page).open('Vault');
    await new Vault(page).side('My devices');
    await expect(page.getByText('You have no other device yet.')).toBeVisible();
    await shoot('1-none');

    const laptop = await secondDevice(client, 'Laptop');
    const there = laptop.client;
    try {
      const toggle = page.getByRole('switch', { name: 'Keep the files of my devices the same' });
      await toggle.click();
      await expect(page.getByText('Each device stores a copy of all files')).toBeVisible();
      await shoot('2-question');
      await page.getByRole('button', { name: 'Turn it on' }).click();
      await expect(page.getByText('Not turned on there')).toBeVisible({ timeout: 30_000 });
      await shoot('3-waits');
      await there['vault.devicesOn']({});
      await page.getByRole('button', { name: 'Compare and accept…' }).click({ timeout: 60_000 });
      await shoot('4-digits');
      await page.getByRole('button', { name: 'The digits are the same' }).click();
      await expect(page.getByText('Not accepted there yet')).toBeVisible({ timeout: 30_000 });
      await shoot('5-accepted-here');
      const [desk] = (await there['vault.devices']({})).devices;
      await there['vault.acceptDevice']({ device: desk?.id ?? '', code: desk?.code ?? '' });
      await expect(page.getByText('The same files', { exact: true })).toBeVisible({ timeout: 60_000 });
      await shoot('6-the-same');
      await client['system.configure']({ language: 'de' });
      await expect(page.getByText('Dieselben Dateien', { exact: true })).toBeVisible();
      await shoot('7-german');
    } finally {
      await laptop.leave();
    }
  },
};
