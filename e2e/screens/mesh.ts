import { expect } from '@playwright/test';
import { settleIn } from '../harness/person.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { Frame } from '../pages/frame.ts';
import { Mesh } from '../pages/mesh.ts';
import type { Chapter } from './chapter.ts';

/** The mesh from the first look to letters between two people. */
export const mesh: Chapter = {
  name: 'mesh',
  async play({ page, agent, client, shoot }) {
    await settleIn(client, 'Ada Lovelace');
    await client['mesh.configure'](loopbackOnly);
    await page.goto(await agent.link());
    const pages = new Mesh(page);
    await new Frame(page).open('Mesh');
    await expect(page.getByRole('button', { name: 'Join the mesh' })).toBeVisible();
    await shoot('1-join');
    await pages.joinLocally();
    await expect(page.getByText('Nobody is connected yet.')).toBeVisible();
    await shoot('2-alone');
    for (const part of ['Map', 'Peers', 'Routes', 'Services', 'Messages'] as const) {
      await pages.open(part);
      await shoot(`3-empty-${part.toLowerCase()}`);
    }

    const ben = await secondPerson('Ben');
    try {
      await client['mesh.addPeer']({ endpoint: ben.endpoint });
      await client['mesh.addPeer']({ endpoint: 'tcp://127.0.0.1:9' });
      await client['mesh.configure']({ strangers: true });
      await ben.client['mesh.configure']({ strangers: true });
      await expect.poll(async () => (await client['mesh.status']({})).routes).toBeGreaterThan(0);
      await client['mesh.forward']({ target: ben.address, port: 8080 });
      await client['mesh.expose']({ localPort: 8080, allow: [ben.address] });
      await client['mesh.expose']({ localPort: 8443, allow: ['everybody'] });
      await client['mesh.setSocks']({ on: true });
      const { address } = await client['mesh.status']({});
      await client['mesh.send']({ to: ben.address, text: 'Are the mushrooms up?' });
      await client['mesh.send']({ to: '4a2:b1c3:99f0:7d21::1', text: 'Write when you are back.' });
      await ben.client['mesh.send']({ to: address ?? '', text: 'Three of them.', topic: 'garden' });
      await client['mesh.setTopic']({ topic: 'garden', allow: [ben.address] });
      await expect.poll(async () => (await client['mesh.messages']({ box: 'in' })).messages.length).toBe(1);

      await pages.open('Overview');
      await expect(page.getByText('1 of 2 peers connected')).toBeVisible();
      await shoot('4-overview');
      await pages.open('Map');
      await page.getByRole('grid', { name: 'Nodes on the map' }).getByRole('row').nth(1).click();
      await shoot('5-map');
      await pages.open('Peers');
      await expect(pages.peers).toContainText('no answer');
      await shoot('6-peers');
      await pages.peers.getByRole('row').nth(1).click();
      await shoot('6-peer');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Add a peer' }).click();
      await page
        .getByLabel('Link or address')
        .fill('hypha://peer?e=tcp%3A%2F%2Fpeer.example%3A9651&e=tcp%3A%2F%2F192.0.2.7');
      await shoot('6-add-peer');
      await page.getByLabel('Link or address').fill('somewhere over there');
      await page.keyboard.press('Enter');
      await shoot('6-add-peer-wrong');
      await page.keyboard.press('Escape');
      await pages.open('Routes');
      await shoot('7-routes');
      await pages.open('Services');
      await shoot('8-services');
      await page.getByRole('button', { name: 'Offer a service' }).click();
      await shoot('8-offer');
      await page.getByRole('radio', { name: 'Everybody' }).click();
      await shoot('8-offer-everybody');
      await page.keyboard.press('Escape');
      await pages.open('Messages');
      await shoot('9-messages');
      await page.getByRole('row').filter({ hasText: 'Three of them.' }).click();
      await expect(page.getByRole('region', { name: 'Content' })).toBeVisible();
      await shoot('9-message');
      await page.getByRole('button', { name: 'Reply' }).click();
      await shoot('9-reply');
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Who may write to me' }).click();
      await expect(page.getByRole('heading', { name: 'HTTP API for programs' })).toBeVisible();
      await shoot('a-rules');
      await page.getByRole('switch', { name: 'HTTP API' }).click();
      await shoot('a-http-api');
      await page.keyboard.press('Escape');
      await pages.open('Diagnose');
      await pages.diagnose(ben.address, 'Ping');
      await expect(page.getByText(/came back:/)).toBeVisible();
      await shoot('b-ping');
      await pages.diagnose(ben.address, 'Trace the way');
      await expect(page.getByText('1 hop.')).toBeVisible();
      await shoot('b-trace');
      await pages.diagnose('4a2:b1c3:99f0:7d21::1', 'Find out whether it can be reached');
      await expect(page.getByText('It cannot be reached now.')).toBeVisible({ timeout: 30_000 });
      await shoot('b-why');
      await pages.open('Settings');
      await shoot('c-settings');
      await agent.kill();
      await pages.open('Overview');
      await expect(page.getByText(/Your agent has not answered since/)).toBeVisible();
      await shoot('d-away');
    } finally {
      await ben.leave();
    }
  },
};
