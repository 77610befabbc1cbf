import { describe, expect, it } from 'vitest';
import type { TaskId } from '#shared/rpc/contract.ts';
import { fakeTerminal, hypha, serveDouble, serveReal, task } from './testing/harness.ts';

describe('hypha vault', () => {
  it('follows a task on stderr and prints its result', async () => {
    let put: unknown;
    await serveDouble({
      'vault.put': (input) => {
        put = input;
        return { task: 't1' as TaskId };
      },
      'tasks.watch': async function* () {
        yield task({ step: { key: 'read', text: 'Reading' } });
        yield task({ step: { key: 'seal', text: 'Sealing\x1b[2J' } });
        yield task({ state: 'done', result: { items: ['a'], files: 1, bytes: 5, deduplicated: 0, skipped: [] } });
      },
    });
    const { code, out, err } = await hypha('vault put photos /abs --json');
    expect([code, JSON.parse(out).files]).toEqual([0, 1]);
    expect(put).toMatchObject({ paths: ['/somewhere/photos', '/abs'], into: 'root' });
    expect(err).toBe('Reading\nSealing\ufffd[2J\n');
    expect(JSON.parse((await hypha('vault put photos --json --detach')).out)).toEqual({ task: 't1' });
  });

  it('ends with a code of its own where files were left out, unless that was meant', async () => {
    const message = `Why it was left out, ${'in many words, '.repeat(10)}and what to do.`;
    const skip = (...codes: string[]) => codes.map((code) => ({ path: `/x/${code}`, code, message }));
    let skipped = skip('BAD_NAME', 'OWN_DATA', 'UNREADABLE');
    await serveDouble({
      'vault.put': () => ({ task: 't1' as TaskId }),
      'tasks.watch': async function* () {
        yield task({ state: 'done', result: { items: [], files: 1, bytes: 5, deduplicated: 0, skipped } });
      },
    });
    const some = await hypha('vault put x --json');
    expect([some.code, JSON.parse(some.out).skipped.length]).toEqual([7, 3]);
    const told = await hypha('vault put /notes');
    expect(told.out).toContain(message);
    const cut = await hypha('vault put /notes', fakeTerminal([]));
    expect(cut.out).not.toContain(message);
    expect(some.err).toBe('hypha: 2 were left out; “skipped” says why. All else is done.\n');
    skipped = skip('OWN_DATA', 'NAME_TAKEN');
    expect(await hypha('vault put x --clash skip')).toMatchObject({ code: 0, err: '' });
  });

  it('switches the disk in words a person would type', async () => {
    const status = { on: true, address: 'http://127.0.0.1:4/vault/', user: 'hypha', hasPassword: true, port: 4 };
    const seen: unknown[] = [];
    await serveDouble({
      'vault.webdavStatus': () => ({ ...status, connections: 0 }),
      'vault.webdavOff': () => ({ ...status, on: false, address: null, connections: 0 }),
      'vault.webdavOn': (input) => {
        seen.push(input);
        return { ...status, connections: 0, password: 'abcd-efgh' };
      },
    });
    expect((await hypha('vault webdav on')).out).toContain('password: abcd-efgh');
    expect((await hypha('vault webdav on --new-password --port 5005 --json')).code).toBe(0);
    expect(seen).toEqual([{ newPassword: false }, { newPassword: true, port: 5005 }]);
    expect((await hypha('vault webdav status')).out).toContain('address: http://127.0.0.1:4/vault/');
    expect((await hypha('vault webdav off')).out).toContain('on: no');
    expect((await hypha('vault webdav')).code).toBe(2);
  });

  it('names zstor’s configuration from where one stands, and its objects as zstor does', async () => {
    const seen: unknown[] = [];
    const started = (input: unknown) => {
      seen.push(input);
      return { task: 't1' as TaskId };
    };
    await serveDouble({ 'vault.importZstor': started, 'vault.exportZstor': started });
    await hypha('vault import-zstor z.toml /data/a --into Old --detach');
    await hypha('vault import-zstor z.toml --all --detach');
    await hypha('vault export-zstor ../z.toml /data/docs Documents letter.txt --detach');
    expect(seen).toMatchObject([
      { config: '/somewhere/z.toml', paths: ['/data/a'], into: 'Old' },
      { config: '/somewhere/z.toml', all: true },
      { config: '/z.toml', as: '/data/docs', items: ['Documents', 'letter.txt'] },
    ]);
    expect((await hypha('vault import-zstor')).code).toBe(2);
  });

  it('takes no empty path for the directory it stands in', async () => {
    let called = false;
    await serveDouble({
      'vault.put': () => {
        called = true;
        return { task: 't1' as TaskId };
      },
    });
    for (const line of ['vault put ', 'vault put a ', 'vault export a ', 'vault add-place ', 'system info --home=']) {
      expect(await hypha(line), line).toMatchObject({ code: 2, err: expect.stringMatching(/is empty|takes a dir/) });
    }
    expect(called).toBe(false);
  });

  it('takes paths of the vault wherever a file or folder is named, and says what to type', async () => {
    const seen: unknown[] = [];
    await serveDouble({
      'vault.list': (input) => {
        seen.push(input.folder);
        return { path: [], items: [], total: 0 };
      },
      'vault.bin': (input) => {
        seen.push(input.items);
        return { binned: 1 };
      },
      'vault.move': (input) => {
        seen.push(input);
        return { moved: 2 };
      },
    });
    for (const line of ['vault list notes/old', 'vault bin a.txt /b', 'vault move a.txt /b docs']) {
      expect(await hypha(line), line).toMatchObject({ code: 0 });
    }
    expect(await hypha('vault move a.txt --into /docs')).toMatchObject({ code: 0 });
    expect(seen).toEqual([
      'notes/old',
      ['a.txt', '/b'],
      { items: ['a.txt', '/b'], into: 'docs' },
      { items: ['a.txt'], into: '/docs' },
    ]);
    expect(await hypha('vault rename  CON')).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /^hypha: item: Type the path of a file or folder in the vault, such as \/notes\/a\.txt/,
      ),
    });
  });

  it('says why a task failed, and cancels it on Ctrl-C', async () => {
    const leave = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    let first = true;
    await serveDouble({
      'vault.put': () => ({ task: 't1' as TaskId }),
      'tasks.cancel': () => {
        cancelled.resolve();
        return {};
      },
      'tasks.watch': async function* () {
        if (first) {
          first = false;
          yield task({
            state: 'failed',
            failure: { code: 'NOT_ENOUGH_PLACES', message: 'Too few.', next: 'Add one.' },
          });
          return;
        }
        yield task({ step: { key: 'read', text: 'Reading' } });
        leave.abort();
        await cancelled.promise;
        yield task({ state: 'cancelled' });
      },
    });
    expect(await hypha('vault put x')).toMatchObject({ code: 1, err: 'hypha: Too few.\nhypha: Add one.\n' });
    expect(await hypha('vault put x', fakeTerminal(), leave.signal)).toMatchObject({ code: 130 });
  });

  it('says that the vault is locked when a task finds it so', async () => {
    await serveReal();
    // No identity, hence no keys: the task starts and fails by that.
    expect(await hypha('vault put x')).toMatchObject({ code: 4, err: expect.stringMatching(/is locked/) });
  });

  it('says that it was locked meanwhile where nothing of a result is shown', async () => {
    await serveDouble({
      'vault.put': () => ({ task: 't1' as TaskId }),
      'tasks.watch': async function* () {
        yield task({ state: 'done', result: null });
      },
    });
    expect(await hypha('vault put x')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/This is done.*\n.*Unlock/),
    });
  });

  it('prints bytes as they are, items as lines of JSON', async () => {
    await serveDouble({
      'vault.read': async function* ({ item }) {
        expect(item).toBe('docs/a.txt');
        yield Uint8Array.of(0, 255);
        yield Uint8Array.of(1);
      },
    });
    const using = fakeTerminal();
    await hypha('vault read docs/a.txt', using);
    expect(using.seen.out).toEqual([Uint8Array.of(0, 255), Uint8Array.of(1)]);
    expect((await hypha('vault read docs/a.txt --json')).out).toBe('"AP8="\n"AQ=="\n');
  });
});
