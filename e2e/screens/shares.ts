import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { taskResult } from '../harness/agent.ts';
import { png } from '../harness/files.ts';
import { settleIn } from '../harness/person.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** Shares between two people from the receiver's side, room at a contact, and room for one. */
export const shares: Chapter = {
  name: 'shares',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    const grace = await secondPerson('Grace Hopper');
    try {
      await client['mesh.join']({ ...loopbackOnly, listen: false });
      await client['mesh.addPeer']({ endpoint: grace.endpoint });
      const { contact } = await client['contacts.add']({ card: (await grace.client['contacts.myCard']({})).link });
      const ada = await grace.client['contacts.add']({ card: (await client['contacts.myCard']({})).link });
      const trip = path.join(scratch, 'trip');
      await mkdir(path.join(trip, 'photos'), { recursive: true });
      await writeFile(path.join(trip, 'notes.txt'), 'First line of the notes.\n');
      await writeFile(path.join(trip, 'picture.png'), png(320, 200, [46, 110, 60]));
      await writeFile(path.join(trip, 'photos', 'list.txt'), 'one, two');
      await taskResult(grace.client, await grace.client['vault.put']({ paths: [trip] }));
      await grace.client['vault.share']({ item: '/trip', contact: ada.contact.id, access: 'read', unverified: true });

      await page.goto(await agent.link());
      await new Frame(page).open('Vault');
      const vault = new Vault(page);
      await vault.side('Shares');
      const taken = page.getByRole('grid', { name: 'Shared with me' });
      await expect(taken.getByText('trip')).toBeVisible({ timeout: 60_000 });
      await shoot('1-shares');
      await taken.getByText('trip').click();
      await expect(vault.row('notes.txt')).toBeVisible({ timeout: 60_000 });
      await vault.row('notes.txt').click();
      await shoot('2-inside');
      await vault.row('picture.png').dblclick();
      await expect(page.getByRole('img', { name: 'Preview of picture.png' })).toBeVisible({ timeout: 60_000 });
      await shoot('3-picture');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Save to this computer…' }).click();
      await expect(page.getByRole('dialog').getByRole('textbox')).toBeVisible();
      await shoot('4-save');
      await page.keyboard.press('Escape');

      await vault.side('For others');
      await grace.client['vault.askRoom']({ contact: `@${ada.contact.id}`, gib: 5 });
      await expect(page.getByText('Grace Hopper asks for', { exact: false })).toBeVisible({ timeout: 60_000 });
      await shoot('5-asked-for-room');
      await client['vault.giveRoom']({ contact: `@${contact.id}`, gib: 5 });
      await vault.side('Places');
      await client['vault.askRoom']({ contact: `@${contact.id}`, gib: 20 });
      await page.getByRole('heading', { name: 'Room elsewhere' }).scrollIntoViewIfNeeded();
      await expect(page.getByRole('list', { name: 'Room elsewhere' }).getByText('Grace Hopper')).toBeVisible({
        timeout: 60_000,
      });
      await shoot('6-room-at-contacts');
    } finally {
      await grace.leave();
    }
  },
};
