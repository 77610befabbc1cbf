import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConsentRequest } from '#shared/contract/activity.ts';
import type { Caller } from './broker/handlers.ts';
import { type NewAgent, person, startNewAgent } from './testing/new-agent.ts';

const window = (connection: string): Caller => ({ connection, face: 'ui', name: 'Window', person: true });

let started: NewAgent;
const call: NewAgent['call'] = (...args) => started.call(...args);

beforeAll(async () => {
  started = await startNewAgent();
  await call('vault.setup', { profile: { k: 2, m: 1 } });
}, 60_000);
afterAll(() => started.stop());

const bytes = new Uint8Array(1024 * 1024).map((_, i) => i * 31);
const open = (name: string, size: number, who = person) =>
  call('vault.uploadOpen', { into: 'root', path: [name], size, modified: 0, clash: 'both' }, who);

describe('the agent’s vault', () => {
  it('goes on with what is under way when anything but the keys of the identity changes', async () => {
    const { upload } = await open('long.bin', 2 * bytes.length);
    await call('vault.uploadWrite', { upload, offset: 0, bytes });
    await call('identity.rename', { name: 'Anna' });
    await call('identity.setAutoLock', { minutes: 30 });
    await expect(call('identity.revealPhrase', { passphrase: 'a wrong one' })).rejects.toMatchObject({
      code: 'WRONG_PASSPHRASE',
    });
    await call('vault.uploadWrite', { upload, offset: bytes.length, bytes });
    expect(await call('vault.uploadCommit', { upload })).toMatchObject({ item: { name: 'long.bin' } });
  });

  it('gives up what a page was sending when its connection ends', async () => {
    for (let i = 0; i < 8; i++) await open(`f${i}`, 10, window('page'));
    await expect(open('more', 10)).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
    started.agent.dispatcher.disconnected(window('page'));
    const { upload } = await open('more', 10);
    await call('vault.uploadAbort', { upload });
  });
});

describe('what a program asks for', () => {
  const program: Caller = { connection: 'program', face: 'mcp', name: 'A program', person: false };
  const pending = async () =>
    ((await call('consent.pending', {})) as { requests: ConsentRequest[] }).requests as ConsentRequest[];

  it('is told to the person by names and paths, and done to what was named', async () => {
    const path = await mkdtemp(join(tmpdir(), 'hypha-place-'));
    const { place } = (await call('vault.addPlace', { path, name: 'USB stick' })) as { place: { id: string } };
    const { item } = (await call('vault.makeFolder', { name: 'notes' })) as { item: { id: string } };
    const binned = call('vault.bin', { items: [item.id] }, program);
    await vi.waitFor(async () => expect(await pending()).toHaveLength(1));
    const [first] = await pending();
    expect(first?.arguments).toEqual([{ name: 'items', value: '["/notes"]' }]);
    await call('consent.answer', { request: first?.id, allow: true });
    expect(await binned).toEqual({ binned: 1 });

    const removed = call('vault.removePlace', { place: place.id }, program);
    await vi.waitFor(async () => expect(await pending()).toHaveLength(1));
    const [second] = await pending();
    const named = `“USB stick” (${path})`;
    expect(second).toMatchObject({
      summary: `Stop using the place ${named}`,
      arguments: [{ name: 'place', value: named }],
    });
    await call('consent.answer', { request: second?.id, allow: true });
    const { task } = await removed;
    for await (const _ of started.agent.dispatcher.stream(
      person,
      'tasks.watch',
      { task },
      new AbortController().signal,
    ));
    expect(((await call('vault.places', {})) as { places: unknown[] }).places).toHaveLength(3);
    expect(await call('activity.list', { query: 'USB stick' })).toMatchObject({
      entries: [{ summary: `Stop using the place ${named}`, outcome: 'done' }],
    });
    await rm(path, { recursive: true });
  });

  it('is refused before anybody is asked where it cannot be', async () => {
    const wrong = [
      ['vault.removePlace', { place: 'nowhere' }],
      ['vault.bin', { items: ['/not/there'] }],
      ['vault.export', { items: ['/not/there'], to: '/tmp' }],
      ['machines.configure', { machine: 'none', autostart: true }],
      ['machines.restoreSnapshot', { machine: 'none', name: 'before' }],
      ['machines.delete', { machine: 'none' }],
      ['machines.fetchImage', { image: 'none' }],
      ['tasks.cancel', { task: 'none' }],
      ['mandates.revoke', { mandate: 'none' }],
      ['activity.undo', { seq: 99_999 }],
    ] as const;
    for (const [name, input] of wrong) {
      await expect(call(name, input, program), name).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const { places } = (await call('vault.places', {})) as { places: { id: string }[] };
    await expect(call('vault.removePlace', { place: places[0]?.id }, program)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
    });
    expect(await pending()).toEqual([]);
  });
});
