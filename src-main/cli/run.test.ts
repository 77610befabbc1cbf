import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAgent } from '#core/agent.ts';
import type { Caller } from '#core/broker/handlers.ts';
import { systemRandom } from '#core/crypto/random.ts';
import type { Logger } from '#core/host.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { agentContract } from '#shared/contract/agent.ts';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { type Answers, doubleOf } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createConnections } from '../local/connections.ts';
import { connectLocal } from '../local/local-client.ts';
import { serveLocalSocket } from '../local/local-socket.ts';
import { writePointer } from '../local/pointer.ts';
import { socketAddress } from '../local/socket-path.ts';
import { run } from './run.ts';
import type { Terminal } from './terminal.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let home: string;
let cleanUp: (() => Promise<void>)[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-cli-'));
  // A cache may be written by who is just ending.
  cleanUp = [() => rm(home, { recursive: true, force: true, maxRetries: 5 })];
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

/** Serve an agent, real or double, on a local socket of the test's own home. */
async function serveAgent(dispatcher: Dispatcher<Caller>): Promise<void> {
  const host = { ...createFakeHost(), random: systemRandom };
  const connections = createConnections({ dispatcher, host, log: silent, checkOutputs: true });
  const address = socketAddress({ home, platform: process.platform, runtimeDirectory: home, random: systemRandom });
  const socket = await serveLocalSocket(address, connections);
  await writePointer(home, { pid: process.pid, socket: address, port: null, version: '0', startedAt: 0 });
  cleanUp.push(() => socket.close());
}

const serveDouble = (answers: Answers<typeof agentContract>) => serveAgent(doubleOf(agentContract, answers));

async function serveReal(): Promise<void> {
  const agent = await createAgent(createFakeHost(), { home, version: '0', log: silent, onStopRequested: () => {} });
  await agent.start();
  cleanUp.push(() => agent.stop());
  await serveAgent(agent.dispatcher);
}

const keySeen = () => ({ keys: Promise.withResolvers<(bytes: Uint8Array) => void>(), keysEnded: 0 });

/** A terminal whose person types `typed`, in order. */
function fakeTerminal(typed: string[] | null = null, stdin = '') {
  const seen = { out: [] as (string | Uint8Array)[], err: '', questions: [] as string[], ...keySeen() };
  const terminal: Terminal = {
    interactive: typed !== null,
    rewritable: false,
    columns: 80,
    async out(data) {
      seen.out.push(data);
    },
    err(text) {
      seen.err += text;
    },
    async ask(question) {
      seen.questions.push(question);
      const line = typed?.shift();
      if (line === undefined) throw fail('CANCELLED', 'Nothing more is typed.');
      return line;
    },
    keys(take) {
      seen.keys.resolve(take);
      return () => {
        seen.keysEnded += 1;
      };
    },
    readAll: async () => new TextEncoder().encode(stdin),
  };
  return { terminal, seen, stdout: () => seen.out.join('') };
}

async function hypha(line: string, using = fakeTerminal(), signal = new AbortController().signal) {
  const code = await run(line.split(' '), {
    env: { HYPHA_HOME: home },
    cwd: '/somewhere',
    pid: 1,
    directory: import.meta.dirname,
    version: '1.2.3',
    terminal: using.terminal,
    signal,
  });
  return { code, out: using.stdout(), err: using.seen.err, questions: using.seen.questions };
}

const status: IdentityStatus = {
  state: 'none',
  person: null,
  device: null,
  worksWhileLocked: [],
  autoLockMinutes: 0,
  secondFactor: { state: 'off', detail: '' },
  retryAt: null,
};

const task = (change: Partial<Task>): Task => ({
  id: 't1' as TaskId,
  method: 'vault.put',
  title: 'Store',
  state: 'running',
  step: null,
  progress: null,
  startedAt: 0,
  endedAt: null,
  cancellable: true,
  input: null,
  result: null,
  failure: null,
  ...change,
});

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

  it('ends with a code of its own where files were left out, unless that was meant', async () => {
    const skip = (...codes: string[]) => codes.map((code) => ({ path: `/x/${code}`, code, message: 'Why.' }));
    let skipped = skip('BAD_NAME', 'OWN_DATA', 'UNREADABLE');
    await serveDouble({
      'vault.put': () => ({ task: 't1' as TaskId }),
      'tasks.watch': async function* () {
        yield task({ state: 'done', result: { items: [], files: 1, bytes: 5, deduplicated: 0, skipped } });
      },
    });
    const some = await hypha('vault put x --json');
    expect([some.code, JSON.parse(some.out).skipped.length]).toEqual([7, 3]);
    expect(some.err).toBe('hypha: 2 were left out; “skipped” says why. All else is done.\n');
    skipped = skip('OWN_DATA', 'NAME_TAKEN');
    expect(await hypha('vault put x --clash skip')).toMatchObject({ code: 0, err: '' });
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
          warnings: [],
          blockers: [],
        };
      },
    });
    expect(await hypha('machine plan --image micro --memory 1G')).toMatchObject({ code: 0 });
    expect(planned).toMatchObject({ name: 'micro-1', memoryMiB: 1024 });
  });
});
