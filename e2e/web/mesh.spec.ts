import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { loopbackOnly, secondPerson } from '../harness/second-person.ts';
import { Frame } from '../pages/frame.ts';
import { Mesh } from '../pages/mesh.ts';

test('two people meet on the mesh: a peer, a ping, a service and letters between them', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  const ben = await secondPerson('Ben');
  const web = createServer((_, answer) => answer.end('Grown in the attic.\n'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo;
  try {
    await client['mesh.configure'](loopbackOnly);
    await openInterface(page, agent);
    await new Frame(page).open('Mesh');
    const mesh = new Mesh(page);
    const { address } = await client['mesh.status']({});

    await test.step('join, and be somebody there', async () => {
      await expect(page.getByText(/encrypted from end to end/)).toBeVisible();
      await mesh.joinLocally();
      await expect(page.getByText(address ?? '-', { exact: true })).toBeVisible();
      await expect(page.getByText('Nobody is connected yet.')).toBeVisible();
    });

    await test.step('a peer, added by where it listens', async () => {
      await mesh.open('Peers');
      await mesh.addPeer(ben.endpoint);
      const row = mesh.peers.getByRole('row').filter({ hasText: ben.endpoint.replace('tcp://', '') });
      await expect(row).toContainText('connected');
      await expect(row).toContainText('ms');
      await mesh.open('Routes');
      await expect(page.getByRole('grid', { name: 'Routes' })).toContainText(ben.address);
      await mesh.open('Map');
      await expect(page.getByRole('application', { name: /1 peer, 0 nodes beyond/ })).toBeVisible();
      await expect(page.getByRole('grid', { name: 'Nodes on the map' })).toContainText(ben.address);
    });

    await test.step('a ping comes back, and the way is one hop', async () => {
      await mesh.open('Diagnose');
      await mesh.diagnose(ben.address, 'Ping');
      await expect(page.getByText(/5 of 5 came back/)).toBeVisible();
      await mesh.diagnose(ben.address, 'Trace the way');
      await expect(page.getByRole('list', { name: 'Trace the way' })).toContainText(ben.address);
      await expect(page.getByText('1 hop.', { exact: true })).toBeVisible();
      await mesh.diagnose(ben.address, 'Find out whether it can be reached');
      await expect(page.getByText('It can be reached.')).toBeVisible();
      await mesh.diagnose('nobody.hypha', 'Find out whether it can be reached');
      await expect(page.getByText('It cannot be reached now.')).toBeVisible();
    });

    await test.step('a service of his answers here', async () => {
      await ben.client['mesh.expose']({ localPort: port, allow: [address ?? ''] });
      await mesh.open('Services');
      await expect(page.getByText('Nothing is offered: nobody can connect.')).toBeVisible();
      const here = await mesh.bring(ben.address, port);
      const answer = await fetch(`http://${here}/`);
      expect(await answer.text()).toBe('Grown in the attic.\n');
    });

    await test.step('letters, there and back', async () => {
      await ben.client['mesh.configure']({ strangers: true });
      await mesh.open('Messages');
      await mesh.write(ben.address, 'Are the mushrooms up?');
      const theirs = async () => (await ben.client['mesh.messages']({ box: 'in' })).messages;
      await expect.poll(async () => (await theirs()).map(({ text }) => text)).toEqual(['Are the mushrooms up?']);
      await page.getByRole('radio', { name: 'Sent', exact: true }).click();
      await expect(mesh.messages).toContainText('arrived');

      await page.getByRole('link', { name: 'Who may write to me' }).click();
      await page.getByRole('switch', { name: 'Take messages from strangers' }).click();
      await expect.poll(async () => (await client['mesh.status']({})).settings.strangers).toBe(true);
      const [letter] = await theirs();
      await ben.client['mesh.send']({ to: address ?? '', text: 'Three of them.', replyTo: letter?.id });
      await page.getByRole('link', { name: 'Back to the messages' }).click();
      const row = mesh.messages.getByRole('row').filter({ hasText: 'Three of them.' });
      await expect(row).toContainText('new');
      await row.click();
      const sheet = page.getByRole('dialog');
      await expect(sheet.getByRole('region', { name: 'Content' })).toHaveText('Three of them.');
      await expect(sheet.getByText('an answer to another message')).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(row).toContainText('read');
      await expect(page.getByText('Nothing unread')).toBeVisible();
    });

    await test.step('a peer is removed, and that is taken back', async () => {
      await mesh.open('Peers');
      await page.getByRole('button', { name: /^Remove the peer 127/ }).click();
      await expect(page.getByText('You have no peers yet.')).toBeVisible();
      const said = page.getByRole('listitem').filter({ hasText: 'Removed the peer' });
      await said.getByRole('button', { name: 'Undo' }).click();
      await expect(mesh.peers).toContainText('connected');
    });

    await test.step('a link from outside is shown, and connects nobody by itself', async () => {
      const { origin } = new URL(page.url());
      const ways = `e=${encodeURIComponent(ben.endpoint)}`;
      await page.goto(`${origin}/#/mesh/peers/add/${encodeURIComponent(ways)}`);
      const dialog = page.getByRole('dialog', { name: 'Add a peer' });
      await expect(dialog.getByLabel('Link or address')).toHaveValue(`hypha://peer?${ways}`);
      await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
      await expect(dialog.getByRole('alert')).toContainText('is a peer already');
      await page.keyboard.press('Escape');
      await expect(page).toHaveURL(/#\/mesh\/peers$/);
    });

    await test.step('locked, the node goes on', async () => {
      await new Frame(page).lock();
      await expect(page.getByText(/Meanwhile this goes on: the mesh/)).toBeVisible();
      const { state } = await client['mesh.status']({});
      expect(state).toBe('on');
    });
  } finally {
    web.close();
    await ben.leave();
  }
});
