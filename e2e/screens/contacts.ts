import { expect } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent, temporaryHome } from '../harness/agent.ts';
import { makeIdentity, settleIn } from '../harness/person.ts';
import { Contacts } from '../pages/contacts.ts';
import { Frame } from '../pages/frame.ts';
import type { Chapter } from './chapter.ts';

/** Both links of somebody with an agent of their own. */
async function linksOf(name: string): Promise<{ link: string; shortLink: string }> {
  const { home, remove } = await temporaryHome();
  const agent = await startAgent({ home, port: 0 });
  const connection = await agent.connect();
  try {
    await makeIdentity(connection.client, name);
    return await connection.client['contacts.myCard']({});
  } finally {
    connection.close();
    await agent.stop();
    await remove();
  }
}

async function fill(client: AgentClient): Promise<void> {
  const grace = (await client['contacts.add']({ card: (await linksOf('Grace Hopper')).link })).contact;
  const { number } = await client['contacts.safety']({ contact: grace.id });
  await client['contacts.verify']({ contact: grace.id, number: number.join(' ') });
  await client['contacts.add']({ card: (await linksOf('Katherine Johnson')).link });
  await client['contacts.add']({ card: (await linksOf('Марія Склодовська')).shortLink });
  const mallory = (await client['contacts.add']({ card: (await linksOf('Mallory')).link })).contact;
  await client['contacts.block']({ contact: mallory.id });
}

export const contacts: Chapter = {
  name: 'contacts',
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    const pages = new Contacts(page);
    await new Frame(page).open('Contacts');
    await expect(page.getByRole('img', { name: 'Your short link as a code' })).toBeVisible();
    await shoot('1-empty');
    const { link } = await linksOf('Grace Hopper');
    const dialog = await pages.paste(link.slice(0, 500));
    await expect(dialog.getByRole('alert')).toBeVisible();
    await shoot('2-add-wrong');
    await dialog.getByLabel('Contact link').fill(link);
    await expect(dialog.getByRole('button', { name: 'Add Grace Hopper' })).toBeEnabled();
    await shoot('3-add');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await fill(client);
    await expect(pages.row('Mallory')).toBeVisible();
    await shoot('4-list');
    await pages.row('Katherine Johnson').click();
    await expect(pages.sheet('Katherine Johnson')).toBeVisible();
    await shoot('5-contact');
    await pages.number('Katherine Johnson');
    await shoot('6-compare');
    await page.getByRole('button', { name: 'It differs' }).click();
    await shoot('7-differs');
  },
};

/** A second device of one person, on both sides. */
export const devices: Chapter = {
  name: 'devices',
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await page.goto(await agent.link());
    await new Frame(page).open('Contacts');
    await page.getByRole('button', { name: 'Add a device' }).click();
    const dialog = page.getByRole('dialog');
    const address = (await dialog.getByRole('listitem').first().innerText()).trim();
    await shoot('1-offer');
    const { home, remove } = await temporaryHome();
    const laptop = await startAgent({ home, port: 0 });
    const connection = await laptop.connect();
    try {
      await connection.client['pairing.join']({ at: address.replace(/^.*:/, '127.0.0.1:'), name: 'Laptop' });
      await expect(page.getByText('Is this code on both screens?')).toBeVisible();
      await shoot('2-compare');
      await page.goto(await laptop.link());
      await page.getByRole('button', { name: 'This is another device of mine' }).click();
      await expect(page.getByText('Is this code on both screens?')).toBeVisible();
      await shoot('3-compare-there');
      const { code } = await connection.client['pairing.status']({});
      await connection.client['pairing.answer']({ code: code ?? '', equal: true });
      await client['pairing.answer']({ code: code ?? '', equal: true });
      await expect(page.getByText('without their keys')).toBeVisible();
      await shoot('4-without-keys');
      // It can be picked where a machine is opened.
      await page.goto(await agent.link());
      await page.goto(`${new URL(page.url()).origin}/#/machines/new`);
      await page.getByRole('button', { name: 'Open something' }).click();
      await page.getByRole('button', { name: 'SSH' }).click();
      await page.getByRole('radio', { name: 'Your devices' }).click();
      await page.getByRole('checkbox', { name: /Laptop/ }).click();
      await shoot('5-open-to-a-device');
      await page.getByRole('radio', { name: 'Addresses' }).click();
      await page.getByLabel('Addresses or prefixes').fill('400::/8');
      await expect(page.getByText('half of everybody')).toBeVisible();
      await shoot('6-open-to-half');
    } finally {
      connection.close();
      await laptop.stop();
      await remove();
    }
  },
};
