import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentClient } from '#shared/contract/agent.ts';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { Frame } from '../pages/frame.ts';

/** Something in the bin, so that there is something to delete for good. */
async function binSomething(client: AgentClient, scratch: string): Promise<void> {
  const file = path.join(scratch, 'old.txt');
  await writeFile(file, 'old\n');
  const result = (await taskResult(client, await client['vault.put']({ paths: [file] }))) as { items: never[] };
  await client['vault.bin']({ items: result.items });
}

test('a program that wants to delete asks the person at the window, and the answer holds once', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  await binSomething(client, scratch);
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  const program = await agent.now.connect({ face: 'mcp', person: false, name: 'Toolbox' });
  const question = page.getByRole('dialog', { name: 'Toolbox asks for your consent' });

  const refused = program.client['vault.purge']({}).then(
    () => null,
    (error: { code: string }) => error.code,
  );
  await expect(question.getByText('Empty the bin for good')).toBeVisible();
  // Neither Escape nor a click beside it answers.
  await page.keyboard.press('Escape');
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Refuse' }).click();
  expect(await refused).toBe('CONSENT_DENIED');
  expect((await client['vault.status']({})).binned).toBe(1);

  const allowed = program.client['vault.purge']({});
  await question.getByRole('button', { name: 'Allow this once' }).click();
  const result = await taskResult(client, await allowed);
  expect(result).toMatchObject({ purged: 1 });
  program.close();

  await new Frame(page).open('Activity');
  const rows = page.getByRole('row').filter({ hasText: 'Empty the bin for good' });
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'refused' })).toContainText('Toolbox');
  await expect(rows.filter({ hasText: 'done' })).toContainText('Toolbox');
});

test('the command line without a person asks in the window too', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  await binSomething(client, scratch);
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  // Its input is no terminal, so nobody can be asked there.
  const command = agent.now.hypha(['vault', 'purge', '--json']);
  const question = page.getByRole('dialog', { name: /asks for your consent/ });
  await expect(question.getByText('Asked by the command line.', { exact: false })).toBeVisible();
  await question.getByRole('button', { name: 'Refuse' }).click();
  const ended = await command;
  // Exit code 5: a person had to allow it and did not (docs of `hypha --help`).
  expect(ended.code, ended.stderr).toBe(5);
});

test('an entry of the activity log is undone there, and the chain verifies', async ({
  page,
  agent,
  client,
  settled: _settled,
}) => {
  await client['identity.rename']({ name: 'Grace' });
  await openInterface(page, agent);
  const frame = new Frame(page);
  await expect(frame.rooms.getByText('Grace')).toBeVisible();
  await frame.open('Activity');
  await page.getByRole('button', { name: 'Undo: Change your name to "Grace"' }).click();
  await expect(frame.rooms.getByText('Ada')).toBeVisible();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await expect(page.getByText(/The chain is whole: \d+ entries checked\./)).toBeVisible();

  await page.getByRole('row').filter({ hasText: 'Create the identity "Ada"' }).first().click();
  const entry = page.getByRole('dialog', { name: /^Entry \d+/ });
  await expect(entry.getByText('identity.create')).toBeVisible();
  // What was typed as a secret is nowhere in the log.
  await expect(entry).not.toContainText('correct horse');
});

test('in German the question, the log and the tasks are in German alone', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  await binSomething(client, scratch);
  await client['system.configure']({ language: 'de' });
  await openInterface(page, agent);
  await expect(page.getByRole('heading', { level: 1, name: 'Start' })).toBeVisible();
  const program = await agent.now.connect({ face: 'mcp', person: false, name: 'Toolbox' });
  const question = page.getByRole('dialog', { name: /Toolbox/ });
  const asked = program.client['vault.purge']({}).catch(() => null);
  await expect(question.getByText('Papierkorb endgültig leeren')).toBeVisible();
  await expect(question).not.toContainText('Empty the bin');
  await question.getByRole('button', { name: 'Ablehnen' }).click();
  await asked;
  program.close();

  await page.goto(`${new URL(page.url()).origin}/#/activity`);
  const log = page.getByRole('grid');
  await expect(log.getByText('Papierkorb endgültig leeren')).toBeVisible();
  await expect(log.getByText(`${path.join(scratch, 'old.txt')} im Tresor ablegen`)).toBeVisible();
  await expect(log).not.toContainText(/\b(the|Store|Create|Change)\b/);
  await page.getByRole('row').filter({ hasText: 'Identität „Ada“ anlegen' }).first().click();
  await expect(page.getByRole('dialog').getByText('Identität „Ada“ anlegen')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+j');
  await expect(page.getByRole('dialog').getByText(`${path.join(scratch, 'old.txt')} im Tresor ablegen`)).toBeVisible();
  await expect(page.getByRole('dialog')).not.toContainText('Store');
});
