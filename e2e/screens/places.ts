import path from 'node:path';
import { expect } from '@playwright/test';
import { taskResult } from '../harness/agent.ts';
import { makeSamples } from '../harness/files.ts';
import { settleIn } from '../harness/person.ts';
import { noRedis, startRedis } from '../harness/redis.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

/** Places on servers: the dialog for each kind, tests good and bad, and the map of sites and people. */
export const places: Chapter = {
  name: 'places',
  missing: async () => noRedis ?? null,
  async play({ page, agent, client, scratch, shoot }) {
    const redis = await startRedis('--requirepass', 'correct horse');
    try {
      await settleIn(client, 'Ada Lovelace');
      const names = await makeSamples(path.join(scratch, 'in'));
      const first = [...new Set(names.map((name) => path.join(scratch, 'in', name.split('/')[0] ?? name)))];
      await page.goto(await agent.link());
      await new Frame(page).open('Vault');
      await new Vault(page).side('Places');
      const add = page.getByRole('button', { name: 'Add a place' });
      await add.click();
      const dialog = page.getByRole('dialog', { name: 'Add a place' });
      await shoot('1-directory');
      const kinds = ['S3 storage', 'SFTP server (SSH)', '0-db server', 'Redis server'];
      for (const [i, kind] of kinds.entries()) {
        await dialog.getByRole('combobox', { name: 'Kind' }).click();
        await page.getByRole('option', { name: kind }).click();
        await expect(dialog.getByRole('combobox', { name: 'Kind' })).toHaveText(kind);
        await shoot(`${i + 2}-${kind.split(' ')[0]?.toLowerCase()}`);
      }
      await dialog.getByLabel('Server').fill('127.0.0.1');
      await dialog.getByLabel('Port').fill(String(redis.port));
      await dialog.getByLabel('Password', { exact: false }).first().fill('wrong');
      await dialog.getByRole('button', { name: 'Test' }).click();
      await expect(dialog.getByText('does not let us in')).toBeVisible();
      await shoot('6-refused');
      await dialog.getByLabel('Password', { exact: false }).first().fill('correct horse');
      await dialog.getByRole('button', { name: 'Test' }).click();
      await expect(dialog.getByText('is free to be used')).toBeVisible();
      await shoot('7-usable');
      await page.keyboard.press('Escape');

      const server = { kind: 'redis', host: '127.0.0.1', port: redis.port, password: 'correct horse' } as const;
      await client['vault.addPlace']({ ...server, name: 'Attic', site: 'home', limitMiB: 2048 });
      await client['vault.addPlace']({ ...server, database: 1, name: 'Server of Ann', site: 'Vienna', owner: 'Ann' });
      const { places: all } = await client['vault.places']({});
      for (const place of all.slice(0, 3)) await client['vault.changePlace']({ place: place.id, site: 'home' });
      await taskResult(client, await client['vault.put']({ paths: first }));
      await taskResult(client, await client['vault.verify']({}));
      await page.reload();
      await expect(page.getByText('If everything at “home”', { exact: false })).toBeVisible();
      await shoot('8-map');
      await page.getByRole('button', { name: /Imagine it gone ?: home$/ }).click();
      await shoot('9-home-gone');
      await page.getByRole('button', { name: 'Actions for Attic' }).click();
      await page.getByRole('menuitem', { name: 'Change…' }).click();
      await shoot('a-change');
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { name: 'What the vault does by itself' }).scrollIntoViewIfNeeded();
      await expect(page.getByText('Every piece was read and found right', { exact: false })).toBeVisible();
      await shoot('b-upkeep');
    } finally {
      await redis.end();
    }
  },
};
