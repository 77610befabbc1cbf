import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ItemId } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import { readArguments } from './arguments.ts';
import { mediaResponse } from './media-source.ts';
import { menuPath, menuTemplate } from './menu.ts';
import { isTrustedSender } from './sender.ts';
import { shippedWith } from './shipped.ts';
import { type AgentFacts, type Notice, type WatchClient, watchAgent } from './watch-agent.ts';

describe('what the app was started with', () => {
  it('reads its own words and lets Chromium’s be', () => {
    expect(readArguments(['--no-sandbox', '--home', '/h', '--hidden', 'hypha://open/task/t', '--inspect=0'])).toEqual({
      home: '/h',
      hidden: true,
      link: { kind: 'open', type: 'task', id: 't' },
    });
    expect(readArguments(['.', '--home'])).toEqual({ home: undefined, hidden: false, link: null });
  });
});

describe('where what ships lies', () => {
  it('is found from the folder of main.js, packed or not, on every system', () => {
    const packed = shippedWith('/opt/h/resources/app.asar/out/electron', true, '/opt/h/resources', path.posix);
    expect(packed.renderer).toBe('/opt/h/resources/app.asar/out/renderer');
    expect(packed.icons).toBe('/opt/h/resources/assets/icons');
    const loose = shippedWith('C:\\src\\out\\electron', false, 'C:\\x', path.win32);
    expect(loose.preload).toBe('C:\\src\\out\\preload\\preload.cjs');
    expect(loose.resources).toBe('C:\\src\\assets');
  });
});

describe('who may talk to main', () => {
  it('is our page in the top frame and nobody else', () => {
    expect(isTrustedSender({ url: 'app://hypha/vault', isTop: true })).toBe(true);
    expect(isTrustedSender({ url: 'app://hypha/vault', isTop: false })).toBe(false);
    expect(isTrustedSender({ url: 'https://hypha/', isTop: true })).toBe(false);
  });
});

describe('the native menu', () => {
  it.each(['darwin', 'win32', 'linux'] as const)('has each shortcut once on %s', (platform) => {
    const keys: string[] = [];
    const visit = (items: ReturnType<typeof menuTemplate>) => {
      for (const item of items) {
        if (typeof item.accelerator === 'string') keys.push(item.accelerator);
        if (Array.isArray(item.submenu)) visit(item.submenu);
      }
    };
    visit(menuTemplate(platform, () => {}));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('CmdOrCtrl+K');
    expect(menuPath('quit')).toBeNull();
  });
});

describe('files of the vault by ticket', () => {
  const bytes = new TextEncoder().encode('0123456789');
  let ended = false;
  const client: Parameters<typeof mediaResponse>[0] = {
    'vault.redeem': async ({ ticket }) => {
      if (ticket !== 'good') throw fail('NOT_FOUND', 'This address is used up.');
      return { item: 'i' as ItemId, name: 'a.mp4', mime: 'video/mp4', size: 10, disposition: 'inline' };
    },
    'vault.readTicket': async function* ({ offset, length }) {
      try {
        for (let at = offset; at < offset + length; at += 4) yield bytes.slice(at, Math.min(at + 4, offset + length));
      } finally {
        ended = true;
      }
    },
  };

  it('come whole, in ranges, or with the right refusal', async () => {
    const whole = await mediaResponse(client, 'good', null, { 'X-Common': '1' });
    expect([whole.status, await whole.text(), whole.headers.get('x-common')]).toEqual([200, '0123456789', '1']);
    const part = await mediaResponse(client, 'good', 'bytes=3-7', {});
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '34567', 'bytes 3-7/10']);
    expect((await mediaResponse(client, 'good', 'bytes=99-', {})).status).toBe(416);
    expect((await mediaResponse(client, 'bad', null, {})).status).toBe(404);
  });

  it('stop being read when the window goes away', async () => {
    ended = false;
    const response = await mediaResponse(client, 'good', null, {});
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(ended).toBe(true);
  });
});

describe('following the agent', () => {
  it('tells the tray what runs, and gives notice of ended work and waiting questions once', async () => {
    const task = (state: 'running' | 'done') => ({
      id: 't1',
      title: 'Store 3 files',
      state,
      startedAt: 0,
      endedAt: state === 'done' ? 60_000 : null,
      failure: null,
      progress: { done: 1, total: 4, unit: 'items', rate: null },
    });
    const rounds = [
      { tasks: [task('running')], requests: [] },
      { tasks: [task('done')], requests: [{ id: 'q1', summary: 'Delete web-1' }] },
      { tasks: [task('done')], requests: [] },
    ];
    let round = 0;
    const calls: string[] = [];
    const answer =
      <T>(name: string, value: () => T) =>
      async () => {
        calls.push(name);
        return value();
      };
    // A burst of events for each round, as progress makes them; the next comes when the last was looked at.
    let looked = Promise.withResolvers<void>();
    const client = {
      'system.settings': answer('settings', () => ({ notifications: true, onboarded: true })),
      'tasks.list': answer('tasks', () => ({ tasks: rounds[round]?.tasks ?? [] })),
      'identity.status': answer('identity', () => ({ state: 'unlocked' })),
      'machines.list': answer('machines', () => ({ machines: [{ state: 'running' }, { state: 'stopped' }] })),
      'consent.pending': answer('consent', () => {
        const requests = rounds[round]?.requests ?? [];
        const { resolve } = looked;
        setImmediate(resolve);
        return { requests };
      }),
      'system.events': async function* () {
        for (round = 1; round < rounds.length; round += 1) {
          looked = Promise.withResolvers();
          for (let i = 0; i < 50; i += 1) yield { topic: 'tasks', ids: [] };
          yield { topic: 'vault', ids: [] };
          yield { topic: 'consent', ids: [] };
          await looked.promise;
        }
        round -= 1;
      },
    } as unknown as WatchClient;
    const rests: number[] = [];
    const facts: AgentFacts[] = [];
    const notices: Notice[] = [];
    const settled: string[] = [];
    await watchAgent(
      client,
      { facts: (one) => facts.push(one), notice: (one) => notices.push(one), settled: (one) => settled.push(one) },
      new AbortController().signal,
      async (ms) => {
        rests.push(ms);
        // Everything that comes in the meantime is looked at together.
        await new Promise(setImmediate);
      },
    );
    expect(rests.every((ms) => ms >= 100)).toBe(true);
    expect(calls.length).toBeLessThan(20);
    expect(calls.filter((name) => name === 'machines')).toHaveLength(1);
    expect(facts[0]).toMatchObject({ runningTasks: 1, progress: 0.25, runningMachines: 1, identity: 'unlocked' });
    expect(facts.at(-1)).toMatchObject({ runningTasks: 0, progress: null });
    expect(notices.map((one) => one.subject)).toEqual(['task:t1', 'consent:q1']);
    expect(settled).toEqual(['consent:q1']);
  });
});
