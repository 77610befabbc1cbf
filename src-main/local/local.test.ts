import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { contractVersion } from '#shared/contract/agent.ts';
import type { Face } from '#shared/rpc/contract.ts';
import { browserCommand, openInBrowser, redirectPage, removeBrowserPage } from './browser.ts';
import { decideLocal } from './connections.ts';
import { connectLocal } from './local-client.ts';
import { lockHome } from './lock.ts';
import { openLog } from './log.ts';
import { readPointer, removePointer, writePointer } from './pointer.ts';
import { ownRuntimeDirectory, socketAddress } from './socket-path.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-local-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the lock of a data directory', () => {
  it('has one owner, and can be had again once it is released', () => {
    const first = lockHome(join(home, 'new'));
    expect(first).not.toBeNull();
    expect(lockHome(join(home, 'new'))).toBeNull();
    first?.release();
    first?.release();
    const second = lockHome(join(home, 'new'));
    expect(second).not.toBeNull();
    second?.release();
  });

  it('holds although something else wrote to its file', async () => {
    await writeFile(join(home, 'lock.db'), 'not a database, and longer than the header of one'.repeat(100));
    const lock = lockHome(home);
    expect(lock).not.toBeNull();
    expect(lockHome(home)).toBeNull();
    lock?.release();
  });
});

describe.skipIf(process.platform === 'win32')('a data directory made beforehand', () => {
  const modeAfter = async (...names: string[]) => {
    const directory = join(home, `made-${names.join('-')}`);
    await mkdir(directory);
    await chmod(directory, 0o755);
    for (const name of names) await writeFile(join(directory, name), '');
    let refused = '';
    try {
      lockHome(directory)?.release();
    } catch (error) {
      refused = (error as { code: string }).code;
    }
    return refused || (await stat(directory)).mode & 0o777;
  };
  it('is closed to other accounts when it is ours, and refused when it is not', async () => {
    expect(await modeAfter()).toBe(0o700);
    expect(await modeAfter('logs')).toBe(0o700);
    expect(await modeAfter('lock.db', 'agent.db')).toBe(0o700);
    expect(await modeAfter('logs', 'window')).toBe(0o700);
    expect(await modeAfter('somebody-elses')).toBe('HOME_OPEN');
    // Left as it was.
    expect((await stat(join(home, 'made-somebody-elses'))).mode & 0o777).toBe(0o755);
  });
});

describe('the pointer to a running agent', () => {
  it('is read back, for its owner alone; anything else is no pointer', async () => {
    const pointer = { pid: 5, socket: '/s', port: 80, version: '1', startedAt: 7 };
    await writePointer(home, pointer);
    expect(await readPointer(home)).toEqual(pointer);
    if (process.platform !== 'win32') expect((await stat(join(home, 'agent.json'))).mode & 0o777).toBe(0o600);
    await removePointer(home);
    expect(await readPointer(home)).toBeNull();
    for (const text of ['', '{', 'null', '{"pid":-1}']) {
      await writeFile(join(home, 'agent.json'), text);
      expect(await readPointer(home)).toBeNull();
    }
  });
});

describe('connecting to the agent of a data directory', () => {
  const role = { face: 'cli', person: false, name: 'x' } as const;
  const codeOf = (work: Promise<unknown>) => work.then(String, (error: { code: string }) => error.code);

  it('tells an agent that is not there from one that does not answer', async () => {
    expect(await codeOf(connectLocal(home, role))).toBe('NOT_RUNNING');
    const socket = socketAddress({ home, platform: process.platform, runtimeDirectory: home, random: systemRandom });
    await writePointer(home, { pid: 5, socket, port: null, version: '1', startedAt: 7 });
    expect(await codeOf(connectLocal(home, role))).toBe('NOT_RUNNING');
    // Open, and silent: as a process is that was stopped by a debugger.
    const clients: Socket[] = [];
    const server = createServer((client) => void clients.push(client)).listen(socket);
    await once(server, 'listening');
    expect(await codeOf(connectLocal(home, role, 1))).toBe('DISCONNECTED');
    for (const client of clients) client.destroy();
    server.close();
  });
});

describe('the address of the local socket', () => {
  const at = (h: string, runtimeDirectory: string, platform: NodeJS.Platform) =>
    socketAddress({ home: h, platform, runtimeDirectory, random: systemRandom });

  it('is short however long the data directory is, and another for each', () => {
    const long = `/home/${'x'.repeat(300)}`;
    expect(at(long, '/run/user/1000/hypha', 'linux')).toMatch(/^\/run\/user\/1000\/hypha\/[0-9a-f]{16}\.sock$/);
    expect(at(long, '/r', 'linux')).not.toBe(at(`${long}y`, '/r', 'linux'));
    expect(() => at('/h', `/${'x'.repeat(100)}`, 'linux')).toThrow(/too long/);
  });

  it('is a pipe nobody can foresee on Windows', () => {
    const [a, b] = [at('C:\\h', '', 'win32'), at('C:\\h', '', 'win32')];
    expect(a).toMatch(/^\\\\\.\\pipe\\hypha-[0-9a-f]{16}-[0-9a-f]{32}$/);
    expect(a).not.toBe(b);
  });

  it.skipIf(process.platform === 'win32')('lies in a directory of its owner alone', async () => {
    const runtime = join(home, 'run');
    await mkdir(runtime, { mode: 0o700 });
    expect(ownRuntimeDirectory({ XDG_RUNTIME_DIR: runtime })).toBe(join(runtime, 'hypha'));
    await chmod(join(runtime, 'hypha'), 0o755);
    expect(() => ownRuntimeDirectory({ XDG_RUNTIME_DIR: runtime })).toThrow(/open to other users/);
    // A runtime directory that others can enter is not used.
    await chmod(runtime, 0o755);
    expect(ownRuntimeDirectory({ XDG_RUNTIME_DIR: runtime })).toMatch(/hypha-\d+$/);
  });
});

describe('roles on the local socket', () => {
  const decide = (face: Face, person: boolean) => {
    const decision = decideLocal({ t: 'hello', contract: contractVersion, role: { face, person, name: 'x' } });
    return decision instanceof Error ? decision.code : decision.person;
  };
  it('makes a person of the interface and of a terminal prompt, of nothing else', () => {
    expect([decide('cli', true), decide('cli', false), decide('ui', true)]).toEqual([true, false, true]);
    expect([decide('mcp', false), decide('assistant', false), decide('shell', false)]).toEqual([false, false, false]);
    for (const face of ['mcp', 'assistant', 'shell', 'peer'] as const) expect(decide(face, true)).toBe('FORBIDDEN');
    expect([decide('ui', false), decide('peer', false)]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('the log', () => {
  it('leaves secrets out and keeps a bounded number of bounded files', () => {
    const log = openLog({ directory: home, maxBytes: 2000, files: 3 });
    for (let i = 0; i < 100; i += 1) {
      log.info({ i, passphrase: 'hunter2', input: { words: ['abandon'], a: { token: 'tok' } } }, 'something');
    }
    log.error({ error: new Error('broke') }, 'a fault');
    const files = readdirSync(home).sort();
    expect(files).toEqual(['agent.1.log', 'agent.2.log', 'agent.log']);
    const text = files.map((file) => readFileSync(join(home, file), 'utf8')).join('');
    expect(text).not.toMatch(/hunter2|abandon|"tok"/);
    expect(text).toMatch(/"message":"broke"/);
    expect(Buffer.byteLength(text)).toBeLessThan(3 * 2000 + 2000);
    expect(existsSync(join(home, 'agent.3.log'))).toBe(false);
  });
});

describe('opening a browser', () => {
  it('is tried where there is a display', () => {
    expect(browserCommand('linux', {})).toBeNull();
    expect(browserCommand('linux', { WAYLAND_DISPLAY: 'w' })).toEqual(['xdg-open']);
    expect(browserCommand('darwin', {})).toEqual(['open']);
    expect(browserCommand('win32', {})?.[0]).toBe('rundll32');
  });

  it('keeps the link out of what other accounts can read: the arguments of a program', async () => {
    vi.stubEnv('DISPLAY', ':0');
    const url = 'http://127.0.0.1:1/#token=abc';
    const started: string[][] = [];
    const opened = await openInBrowser({ home, url }, async (program, args) => {
      started.push([program, ...args]);
      return true;
    });
    vi.unstubAllEnvs();
    expect([opened, started.length]).toEqual([true, 1]);
    expect(started.flat().join(' ')).not.toContain('abc');
    const page = started[0]?.at(-1) ?? '';
    expect(readFileSync(page, 'utf8')).toContain(`url=${url}"`);
    if (process.platform !== 'win32') expect(statSync(page).mode & 0o777).toBe(0o600);
    await removeBrowserPage(home);
    expect(existsSync(page)).toBe(false);
  });

  it('makes a page that no link can break out of', () => {
    expect(redirectPage('x"><script>')).not.toContain('<script>');
  });
});
