import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { taskResult } from '../harness/agent.ts';
import { makeSamples } from '../harness/files.ts';
import { settleIn } from '../harness/person.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';
import type { Chapter } from './chapter.ts';

export const vault: Chapter = {
  name: 'vault',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    const frame = new Frame(page);
    const files = new Vault(page);
    await frame.open('Vault');
    await expect(page.getByText('Your vault is empty.')).toBeVisible();
    await shoot('1-empty');

    const source = path.join(scratch, 'in');
    const names = await makeSamples(source);
    const paths = [...new Set(names.map((name) => path.join(source, name.split('/')[0] ?? name)))];
    await taskResult(client, await client['vault.put']({ paths }));
    await expect(files.row('picture.png')).toBeVisible();
    await shoot('2-few');
    await files.row('picture.png').click();
    await expect(
      page.getByRole('img', { name: 'Preview of picture.png' }).or(files.row('picture.png')).first(),
    ).toBeVisible();
    await shoot('3-selected');
    await files.row('notes.txt').dblclick();
    await expect(page.getByRole('dialog').getByText('First line')).toBeVisible();
    await shoot('4-preview');
    await page.keyboard.press('Escape');
    await files.row('notes.txt').click();
    await files.act('Move');
    await expect(page.getByRole('tree')).toBeVisible();
    await shoot('5-move');
    await page.keyboard.press('Escape');
    await files.search('two');
    await expect(files.row('two.txt')).toBeVisible();
    await shoot('6-search');
    await files.search('');
    await files.row('empty.txt').click();
    await files.act('Put in the bin');
    await files.side('Bin');
    await expect(files.row('empty.txt')).toBeVisible();
    await shoot('7-bin');
    await page.getByRole('button', { name: 'Empty the bin' }).click();
    await shoot('8-empty-the-bin');
    await page.keyboard.press('Escape');
    await files.side('Places');
    await expect(page.getByText('Durability map')).toBeVisible();
    await shoot('9-places');

    const { places } = await client['vault.places']({});
    for (const place of places.slice(0, 2)) await rm(place.path, { recursive: true });
    await page.reload();
    await expect(page.getByRole('button', { name: /^Place \d: missing/ })).toHaveCount(2);
    await shoot('a-places-lost');
    await files.side('Files');
    await shoot('b-at-risk');
    for (const place of places.slice(2, 4)) await rm(place.path, { recursive: true });
    await files.side('Places');
    await expect(page.getByRole('button', { name: /^Place \d: missing/ })).toHaveCount(4);
    await files.side('Files');
    await expect(page.getByText('damaged').first()).toBeVisible();
    await shoot('c-damaged');
    await frame.open('Home');
    await shoot('d-home-damaged');
  },
};

export const many: Chapter = {
  name: 'many',
  async play({ page, agent, client, scratch, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    const folder = path.join(scratch, 'field notes');
    await mkdir(folder);
    const names = Array.from({ length: 10_000 }, (_, n) => `observation-${String(n + 1).padStart(5, '0')}.txt`);
    await Promise.all(
      names.map((name, n) => writeFile(path.join(folder, name), `${'spore '.repeat(n % 400)}${name}\n`)),
    );
    await page.goto(await agent.link());
    await new Frame(page).open('Vault');
    const put = await client['vault.put']({ paths: [folder] });
    await page.getByRole('button', { name: /task running/ }).click();
    await shoot('1-storing');
    await page.keyboard.press('Escape');
    await taskResult(client, put);
    await new Vault(page).row('field notes').dblclick();
    await expect(new Vault(page).row('observation-00001.txt')).toBeVisible();
    await shoot('2-list');
    await page.keyboard.press('ControlOrMeta+a');
    await shoot('3-all-selected');
    await new Frame(page).open('Home');
    await shoot('4-home');
  },
};
