import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSettings } from './settings.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hypha-settings-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const open = () => openSettings(home, () => {}, log);

it('keeps changes across starts and tells about them', async () => {
  const topics: string[] = [];
  const settings = await openSettings(home, ({ topic }) => void topics.push(topic), log);
  await Promise.all([settings.change({ theme: 'dark' }), settings.change({ language: 'de' })]);
  expect((await open()).get()).toMatchObject({ theme: 'dark', language: 'de' });
  expect(topics).toEqual(['settings', 'settings']);
});

it('falls back value by value, and as a whole with a notice', async () => {
  writeFileSync(join(home, 'settings.json'), '{"version":1,"settings":{"theme":"plaid","onboarded":true,"other":1}}');
  const partly = await open();
  expect(partly.get()).toMatchObject({ theme: 'system', onboarded: true });
  expect(partly.notice).toBeNull();
  writeFileSync(join(home, 'settings.json'), '{"version":1,"sett');
  const wholly = await open();
  expect(wholly.get().theme).toBe('system');
  expect(wholly.notice?.code).toBe('SETTINGS_RESET');
  expect(readFileSync(join(home, 'settings.json.damaged'), 'utf8')).toBe('{"version":1,"sett');
});

it('can be changed where something else stands in the place of the file', async () => {
  mkdirSync(join(home, 'settings.json'));
  const settings = await open();
  await settings.change({ theme: 'dark' });
  expect((await open()).get().theme).toBe('dark');
});
