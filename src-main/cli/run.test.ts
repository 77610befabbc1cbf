import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { fail } from '#shared/rpc/fail.ts';
import { connectLocal } from '../local/local-client.ts';
import { cleanUp, fakeTerminal, home, hypha, serveDouble, serveReal } from './testing/harness.ts';

const status: IdentityStatus = {
  state: 'none',
  person: null,
  device: null,
  worksWhileLocked: [],
  autoLockMinutes: 0,
  secondFactor: { state: 'off', detail: '' },
  retryAt: null,
};

describe('hypha', () => {
  it('says that no agent runs, and how to start one', async () => {
    const { code, err, out } = await hypha('system info --json');
    expect(code).toBe(3);
    expect(err).toMatch(/No agent runs on .*\n.*hypha start/);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'NOT_RUNNING' } });
  });

  it('explains itself at every level', async () => {
    expect((await hypha('--help')).out).toMatch(/130\s+interrupted/);
    expect((await hypha('vault --help')).out).toMatch(/put PATHS\.\.\./);
    expect((await hypha('machine deploy --help')).out).toMatch(/--memory-mib SIZE/);
    expect((await hypha('vault upload-open')).code).toBe(2);
    expect((await hypha('nonsense')).code).toBe(2);
    expect((await hypha('--version')).out).toBe('1.2.3\n');
  });

  it('prints with --json one JSON value on stdout, whatever is asked and however it ends', async () => {
    for (const [line, code, shape] of [
      ['--help --json', 0, { help: expect.stringContaining('Usage') }],
      ['help --json', 0, { help: expect.stringContaining('Usage') }],
      ['vault put --help --json', 0, { help: expect.stringContaining('PATHS') }],
      ['status --help --json', 0, { help: expect.stringContaining('status') }],
      ['--json', 2, { error: { code: 'USAGE' } }],
      ['vault --json', 2, { error: { code: 'USAGE' } }],
      ['vault nonsense --json', 2, { error: { code: 'USAGE' } }],
      ['vault put --json --home', 2, { error: { code: 'USAGE' } }],
      ['status --json', 3, { error: { code: 'NOT_RUNNING' } }],
      ['--version --json', 0, { version: '1.2.3' }],
    ] as const) {
      const answer = await hypha(line);
      expect(answer.code, line).toBe(code);
      expect(JSON.parse(answer.out), line).toMatchObject(shape);
    }
  });

  it('prints the activity log as it is, to be verified elsewhere', async () => {
    await serveDouble({
      'activity.export': ({ after }) =>
        after === 0 ? { text: '{"seq":1}\n', next: 1 } : { text: '{"seq":2}\n', next: null },
    });
    expect((await hypha('activity export')).out).toBe('{"seq":1}\n{"seq":2}\n');
    expect(JSON.parse((await hypha('activity export --json')).out)).toEqual({
      text: '{"seq":1}\n{"seq":2}\n',
      next: null,
    });
  });

  it('reads and writes a real agent', async () => {
    await serveReal();
    const info = await hypha('system info --json');
    expect([info.code, JSON.parse(info.out).home]).toEqual([0, home]);
    expect((await hypha('system configure --theme dark')).out).toMatch(/theme: dark/);
    expect(await hypha('system configure --theme blue')).toMatchObject({ code: 2 });
    expect((await hypha('activity list --json')).out).toMatch(/"summary":"Change settings \(theme\)"/);
    expect(await hypha('activity undo 1')).toMatchObject({ code: 0 });
    expect((await hypha('system settings')).out).toMatch(/theme: system/);
    expect(await hypha('task watch nobody')).toMatchObject({ code: 1 });
  });

  const mandate =
    'mandate create vault.put --face cli --target {"paths":["/notes"],"into":"root"} --max-uses 2 --expires-at 1798761600000 --json';

  it('asks the person at the terminal, and takes only a yes for a yes', async () => {
    await serveReal();
    const yes = await hypha(mandate, fakeTerminal(['y']));
    expect([yes.code, yes.questions]).toEqual([0, ['Allow it? [y/N] ']]);
    expect(yes.err).toMatch(/Allow vault.put for cli up to 2 times/);
    expect(JSON.parse(yes.out).mandate).toMatchObject({ method: 'vault.put', uses: 0 });
    for (const typed of [['n'], [''], ['what'], []]) {
      expect(await hypha(mandate, fakeTerminal(typed)), String(typed)).toMatchObject({ code: 5 });
    }
    expect(JSON.parse((await hypha('mandate list --json')).out).mandates).toHaveLength(1);
  });

  /** A real agent with one entry to undo that a person must allow to undo, and another program's question beside it. */
  const undoable = async () => {
    await serveReal();
    expect(await hypha('mesh configure --no-answer-pings', fakeTerminal(['y']))).toMatchObject({ code: 0 });
    const { entries } = JSON.parse((await hypha('activity list --json')).out);
    const { connection: window } = await connectLocal(home, { face: 'ui', person: true, name: 'Window' });
    const { connection: other } = await connectLocal(home, { face: 'cli', person: false, name: 'Script' });
    cleanUp.push(async () => {
      window.close();
      other.close();
    });
    await window.client['system.info']({});
    const pending = async () => (await window.client['consent.pending']({})).requests;
    // Refused when its connection closes.
    other.client['mesh.configure']({ listen: false }).catch(() => {});
    await vi.waitFor(async () => expect(await pending()).toHaveLength(1));
    return { seq: entries[0].seq as number, window, pending };
  };
  const answersPings = async () => JSON.parse((await hypha('mesh status --json')).out).settings.answerPings;

  it('asks at the terminal what undoing an entry needs to be allowed, and nothing of other programs', async () => {
    const { seq, pending } = await undoable();
    const no = await hypha(`activity undo ${seq}`, fakeTerminal(['n']));
    expect([no.code, no.questions, await answersPings()]).toEqual([5, ['Allow it? [y/N] '], false]);
    const yes = await hypha(`activity undo ${seq}`, fakeTerminal(['y']));
    expect([yes.code, yes.questions, await answersPings()]).toEqual([0, ['Allow it? [y/N] '], true]);
    expect(yes.err).toMatch(/answerPings: /);
    expect(yes.err).not.toMatch(/listen/);
    expect((await pending()).map(({ caller }) => caller.name)).toEqual(['Script']);
  });

  it('says without a terminal that the undoing waits for an answer', async () => {
    const { seq, window, pending } = await undoable();
    const terminal = fakeTerminal();
    const running = hypha(`activity undo ${seq}`, terminal);
    await vi.waitFor(() => expect(terminal.seen.err).toMatch(/waits for a person to allow it/), 5000);
    const own = (await pending()).find(({ caller }) => caller.name !== 'Script');
    await window.client['consent.answer']({ request: own?.id ?? '', allow: true });
    expect((await running).code).toBe(0);
  });

  it('does without a person only what needs none', async () => {
    await serveReal();
    const { code, out } = await hypha(mandate);
    expect([code, JSON.parse(out).error.code]).toEqual([5, 'CONSENT_NEEDED']);
  });

  it('says without a terminal that it waits for an answer in the window, and how long', async () => {
    await serveReal();
    const { connection: window } = await connectLocal(home, { face: 'ui', person: true, name: 'Window' });
    cleanUp.push(async () => window.close());
    await window.client['system.info']({});
    const terminal = fakeTerminal();
    const running = hypha(mandate, terminal);
    await vi.waitFor(
      () => expect(terminal.seen.err).toMatch(/waits for a person to allow it .* 5 minutes at most/),
      5000,
    );
    const [request] = (await window.client['consent.pending']({})).requests;
    await window.client['consent.answer']({ request: request?.id ?? '', allow: true });
    expect((await running).code).toBe(0);
  });

  it('says of each input what it is, in its unit, and takes times as people write them', async () => {
    const deploy = (await hypha('machine deploy --help')).out;
    expect(deploy).toMatch(/deploy \[NAME\]/);
    expect(deploy).toMatch(/NAME +optional; else one is made up/);
    const mandate = (await hypha('mandate create --help')).out;
    expect(mandate).toMatch(/--expires-at TIME +needed; when it ends; from now \(90m, 12h, 30d\)/);
    expect(mandate).toMatch(/--target JSON +needed; .*for example \{"paths"/);
    let seen: unknown;
    await serveDouble({
      'mandates.create': (input) => {
        seen = input.expiresAt;
        throw fail('BAD_MANDATE', 'Not today.');
      },
    });
    await hypha('mandate create vault.put --face cli --target {} --max-uses 2 --expires-at 2027-01-31T18:00:00Z');
    expect(seen).toBe(Date.UTC(2027, 0, 31, 18));
  });

  it('counts as use by a person only what is typed at a terminal', async () => {
    let uses = 0;
    await serveDouble({
      'system.present': () => {
        uses += 1;
        return {};
      },
      'vault.list': () => ({ path: [], items: [], total: 0 }),
    });
    expect(await hypha('vault list')).toMatchObject({ code: 0 });
    expect(uses).toBe(0);
    expect(await hypha('vault list', fakeTerminal([]))).toMatchObject({ code: 0 });
    expect(uses).toBe(1);
  });

  it('is the machine’s console on a terminal, keys in their order, until Ctrl-]', async () => {
    let typed = '';
    const all = Promise.withResolvers<void>();
    await serveDouble({
      'machines.console': async function* (_, signal) {
        yield { at: 7, bytes: new TextEncoder().encode('log\x1b]52;c;aGk=\x07in: ') };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      'machines.type': ({ machine, bytes }) => {
        expect(machine).toBe('web');
        typed += new TextDecoder().decode(bytes);
        if (typed === 'root\r\x03') all.resolve();
        return {};
      },
    });
    const using = fakeTerminal([]);
    const running = hypha('machine console web', using);
    const press = await using.seen.keys.promise;
    for (const key of 'root\r\x03') press(new TextEncoder().encode(key));
    await all.promise;
    press(Uint8Array.of(0x1d));
    expect(await running).toMatchObject({ code: 0, err: expect.stringContaining('Ctrl-]') });
    expect(using.seen.keysEnded).toBe(1);
    // The machine writes no clipboard.
    const shown = using.seen.out.map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part)));
    expect(shown.join('')).toMatch(/^login: /);
  });

  const words = Array.from({ length: 24 }, (_, i) => `word${i}`);

  it('shows the phrase once, checks three words, and creates the identity', async () => {
    let created: unknown;
    await serveDouble({
      'identity.draft': () => ({ draft: 'd1', words, check: [2, 9, 20] }),
      'identity.create': (input) => {
        created = input;
        return status;
      },
    });
    const typed = [
      '',
      'word2',
      'wrong',
      'word9',
      'word20',
      'short',
      'correct horse',
      'correct horsf',
      'correct horse',
      'correct horse',
    ];
    const { code, err, out } = await hypha('identity create Ada', fakeTerminal(typed));
    expect(code).toBe(0);
    expect(err).toMatch(/24\. word23/);
    expect(err.indexOf('\x1b[3J')).toBeGreaterThan(err.indexOf('word23'));
    expect(out).not.toMatch(/word2/);
    expect(created).toEqual({
      draft: 'd1',
      name: 'Ada',
      passphrase: 'correct horse',
      answers: [2, 9, 20].map((index) => ({ index, word: `word${index}` })),
    });
  });

  it('creates an identity without a terminal, the phrase in a file of its own', async () => {
    await serveDouble({
      'identity.draft': () => ({ draft: 'd1', words, check: [0, 1, 2] }),
      'identity.create': ({ passphrase }) => {
        expect(passphrase).toBe('from the file');
        return status;
      },
    });
    expect(await hypha('identity create Ada')).toMatchObject({ code: 2 });
    const to = join(home, 'phrase');
    const secret = join(home, 'secret');
    await writeFile(secret, 'from the file\n');
    expect(await hypha(`identity create Ada --words-to ${to} --passphrase-file ${secret}`)).toMatchObject({ code: 0 });
    expect(await readFile(to, 'utf8')).toBe(`${words.join(' ')}\n`);
    if (process.platform !== 'win32') expect((await stat(to)).mode & 0o777).toBe(0o600);
    // Never over something that is there.
    expect(await hypha(`identity create Ada --words-to ${to} --passphrase-file ${secret}`)).toMatchObject({ code: 2 });
  });

  it('reads secrets from standard input or a hidden prompt, and says when the agent is locked', async () => {
    const tried: string[] = [];
    await serveDouble({
      'identity.unlock': ({ passphrase }) => {
        tried.push(passphrase);
        return status;
      },
      'vault.status': () => {
        throw fail('LOCKED', 'The agent is locked.', { next: 'Unlock it.' });
      },
    });
    expect(await hypha('identity unlock --passphrase-file -', fakeTerminal(null, 'piped\n'))).toMatchObject({
      code: 0,
    });
    expect(await hypha('identity unlock', fakeTerminal(['typed']))).toMatchObject({ code: 0 });
    expect(await hypha('identity unlock')).toMatchObject({ code: 2 });
    expect(tried).toEqual(['piped', 'typed']);
    expect(await hypha('vault status')).toMatchObject({ code: 4 });
  });

  it('says of a locked vault that what it holds is not known', async () => {
    let state = 'locked';
    const vault = {
      profile: { k: 4, m: 2 },
      files: 0,
      folders: 0,
      size: 0,
      stored: 0,
      places: 0,
      healthyPlaces: 0,
      devices: 0,
      survivesDevices: 0,
      survivesPlaces: 0,
      domains: [],
      safety: 'only-here' as const,
      atRisk: 0,
      damaged: 0,
      missingShards: 0,
      verifiedAt: null,
      binned: 0,
    };
    await serveDouble({
      'vault.status': () =>
        ({ ...vault, state, ...(state === 'locked' ? { files: null, folders: null, size: null } : {}) }) as never,
    });
    const shown = async () => (await hypha('vault status')).out;
    expect(await shown()).toMatch(/^files: -\nfolders: -\nsize: -$/m);
    state = 'ready';
    expect(await shown()).toMatch(/^files: 0$/m);
  });

  it('makes a free name up for a machine that has none', async () => {
    let planned: unknown;
    await serveDouble({
      'machines.list': () => ({ machines: [] }),
      'machines.plan': (input) => {
        planned = input;
        return {
          steps: [],
          host: { name: '', why: '', sees: '' },
          accelerator: null,
          costPerDay: 0,
          mesh: { state: 'on', text: 'Everything is closed.', openings: [] },
          warnings: [],
          blockers: [],
        };
      },
    });
    expect(await hypha('machine plan --image micro --memory 1G')).toMatchObject({ code: 0 });
    expect(planned).toMatchObject({ name: 'micro-1', memoryMiB: 1024 });
  });
});
