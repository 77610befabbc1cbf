import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Contract } from '#shared/rpc/contract.ts';
import { consentLifetimeMs } from './approvals.ts';
import { type BrokerParts, createBroker } from './broker.ts';
import { caller, createToyBroker, never, toyContract } from './testing/toy-broker.ts';

const directories: string[] = [];
afterEach(() => {
  for (const d of directories.splice(0)) rmSync(d, { recursive: true, force: true });
});

/** Let promises settle until `check` holds; bounded by turns, not by time. */
async function until(check: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !check(); i++) await new Promise<void>((r) => setImmediate(r));
  expect(check()).toBe(true);
}

async function asked(toy: ReturnType<typeof createToyBroker>) {
  await until(() => toy.approvals.list('test').length > 0);
  const request = toy.approvals.list('test')[0];
  if (request === undefined) throw new Error('no question');
  return request;
}

describe('validation and authority', () => {
  it('is not made with a handler too few or too many', () => {
    const parts = {} as BrokerParts;
    const contract = { 'toy.look': toyContract['toy.look'] } as Contract;
    expect(() => createBroker({ ...parts, contract, handlers: {} })).toThrow('no handler for toy.look');
    const handlers = { 'toy.look': () => ({ n: 1 }), 'toy.hidden': () => ({}) };
    expect(() => createBroker({ ...parts, contract, handlers })).toThrow('toy.hidden');
  });

  it('refuses unknown methods, also those of Object.prototype', async () => {
    const { broker } = createToyBroker();
    for (const name of ['toy.nothing', 'constructor', '__proto__', 'toString']) {
      await expect(broker.invoke(caller('ui'), name, {}, never)).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' });
    }
  });

  it('says which input is wrong', async () => {
    const { broker } = createToyBroker();
    await expect(broker.invoke(caller('ui'), 'toy.add', { n: 'x' }, never)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      data: { issues: [{ path: 'n' }] },
    });
  });

  it('withholds a method from a face, before looking at its input', async () => {
    const { broker } = createToyBroker();
    await expect(broker.invoke(caller('mcp'), 'toy.private', { bad: 1 }, never)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('gives peers nothing and the hosting shell only reads', async () => {
    const { broker, world } = createToyBroker();
    for (const name of ['toy.look', 'toy.add']) {
      await expect(broker.invoke(caller('peer'), name, { n: 1 }, never)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(broker.invoke(caller('shell'), 'toy.add', { n: 1 }, never)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await broker.invoke(caller('shell'), 'toy.look', {}, never)).toEqual({ n: 0 });
    expect(world.n).toBe(0);
  });

  it('refuses what is known to be wrong before a person is asked', async () => {
    const { broker, approvals } = createToyBroker();
    await broker.invoke(caller('ui'), 'toy.look', {}, never);
    await expect(broker.invoke(caller('mcp'), 'toy.delete', { what: 'nothing' }, never)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(approvals.list('test')).toEqual([]);
  });

  it('lets a person act at once and counts it as use', async () => {
    const { broker, world, touches } = createToyBroker();
    await broker.invoke(caller('ui'), 'toy.pay', { to: 'ann', amount: 3 }, never);
    expect(world.paid).toEqual([{ to: 'ann', amount: 3 }]);
    expect(touches()).toBe(1);
  });

  it('turns a fault into INTERNAL with an incident and without its details', async () => {
    const { broker } = createToyBroker();
    const error = await broker.invoke(caller('ui'), 'toy.add', { n: 13 }, never).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'INTERNAL', data: { incident: expect.stringMatching(/^[0-9a-f]{12}$/) } });
    expect(JSON.stringify((error as { toFailure(): unknown }).toFailure())).not.toContain('secret detail');
  });

  it('holds a program that asks for too much, then lets it go on', async () => {
    const { broker, host } = createToyBroker();
    const program = caller('cli', false);
    for (let i = 0; i < 120; i++) await broker.invoke(program, 'toy.add', { n: 1 }, never);
    await expect(broker.invoke(program, 'toy.add', { n: 1 }, never)).rejects.toMatchObject({ code: 'BUSY' });
    host.advance(1_000);
    await broker.invoke(program, 'toy.add', { n: 1 }, never);
  });

  it('is not held by a clock that was set back, nor writes down what it holds', async () => {
    const { broker, host, journal } = createToyBroker();
    const program = caller('cli', false);
    await broker.invoke(program, 'toy.add', { n: 1 }, never);
    host.setNow(host.now() - 3_600_000);
    for (let i = 0; i < 119; i++) await broker.invoke(program, 'toy.add', { n: 1 }, never);
    for (let i = 0; i < 5; i++) {
      await expect(broker.invoke(program, 'toy.add', { n: 1 }, never)).rejects.toMatchObject({ code: 'BUSY' });
      await expect(broker.invoke(program, 'toy.pay', { to: 'a', amount: 1 }, never)).rejects.toMatchObject({
        code: 'BUSY',
      });
    }
    expect(journal.entries()).toHaveLength(120);
  });

  it('streams, and refuses a stream by invoke and a call by stream', async () => {
    const { broker } = createToyBroker();
    const got: unknown[] = [];
    for await (const item of broker.stream(caller('mcp'), 'toy.count', { to: 3 }, never)) got.push(item);
    expect(got).toEqual([1, 2, 3]);
    await expect(broker.invoke(caller('ui'), 'toy.count', { to: 3 }, never)).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await expect(
      broker.stream(caller('ui'), 'toy.add', { n: 3 }, never)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('consent', () => {
  it('needs somebody to ask', async () => {
    const { broker, journal } = createToyBroker();
    await expect(broker.invoke(caller('mcp'), 'toy.pay', { to: 'eve', amount: 9 }, never)).rejects.toMatchObject({
      code: 'CONSENT_NEEDED',
    });
    expect([...journal.entries()][0]?.end?.outcome).toBe('refused');
  });

  async function waiting(input: Record<string, unknown> = { to: 'eve', amount: 9, pin: '1234' }) {
    const toy = createToyBroker();
    const person = caller('ui');
    await toy.broker.invoke(person, 'toy.look', {}, never);
    const program = caller('mcp');
    const abort = new AbortController();
    const call = toy.broker.invoke(program, 'toy.pay', input, abort.signal);
    call.catch(() => {});
    return { ...toy, person, program, call, abort, request: await asked(toy) };
  }

  it('shows what the core knows, never a secret, and executes once allowed', async () => {
    const { approvals, person, call, request, world, journal } = await waiting();
    expect(request).toMatchObject({
      summary: 'Pay 9 to eve',
      effect: 'spend',
      undo: 'Cannot be undone: Money sent is sent.',
    });
    expect(JSON.stringify(request)).not.toContain('1234');
    expect(world.paid).toEqual([]);
    approvals.answer(person, request.id, true);
    await call;
    expect(world.paid).toEqual([{ to: 'eve', amount: 9 }]);
    expect([...journal.entries()][0]).toMatchObject({ begin: { authority: 'consent' }, end: { outcome: 'done' } });
    expect(() => approvals.answer(person, request.id, true)).toThrowError(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    expect(world.paid).toHaveLength(1);
  });

  it('names things as a person knows them, while the approval and the call keep to what was given', async () => {
    const toy = createToyBroker();
    const person = caller('ui');
    await toy.broker.invoke(person, 'toy.look', {}, never);
    const program = caller('mcp');
    for (const [what, shown] of [
      ['p1', '“USB” (/media/usb)'],
      ['other', 'other'],
      ['odd', 'odd'],
    ] as const) {
      const call = toy.broker.invoke(program, 'toy.delete', { what }, never);
      const request = await asked(toy);
      expect(request).toMatchObject({ summary: `Delete ${shown}`, arguments: [{ name: 'what', value: shown }] });
      toy.approvals.answer(person, request.id, true);
      await call;
      await until(() => toy.tasks.runningCount() === 0);
      expect(toy.world.deleted.at(-1)).toBe(what);
      expect(toy.journal.entries()[0]?.begin.summary).toBe(`Delete ${shown}`);
      expect(toy.tasks.list()[0]).toMatchObject({ title: `Delete ${shown}`, input: { what } });
    }
  });

  it('shows a text of many lines as it is, and no value so long that the rest is out of sight', async () => {
    const { request } = await waiting({ to: '#!/bin/sh\r\n\tapt-get update\n\u2028Undo: never\r', amount: 1 });
    const to = '#!/bin/sh\n\tapt-get update\n\\u{2028}Undo: never\\u{d}';
    expect(request.arguments.find((a) => a.name === 'to')?.value).toBe(to);
    expect(request.summary).not.toContain('\n');
    const long = await waiting({ to: '\n'.repeat(3000), amount: 1 });
    expect(long.request.arguments.find((a) => a.name === 'to')?.value.split('\n')).toHaveLength(61);
  });

  it('makes direction-changing characters visible in the question', async () => {
    const { request } = await waiting({ to: 'eve\u202Enna\u0000', amount: 1 });
    expect(request.arguments.find((a) => a.name === 'to')?.value).toBe('eve\\u{202e}nna\\u{0}');
    expect(request.summary).toBe('Pay 1 to eve\\u{202e}nna\\u{0}');
  });

  it('asks about half characters and very long texts, and uses the very same', async () => {
    const { request, approvals, person, call, world } = await waiting({ to: `\ud800${'x'.repeat(5000)}`, amount: 1 });
    expect(request.summary.length).toBeLessThan(400);
    expect(request.summary).toContain('\\u{d800}');
    approvals.answer(person, request.id, true);
    await call;
    expect(world.paid[0]?.to).toHaveLength(5001);
  });

  it('cannot be answered by a program or by the connection that asked', async () => {
    const { approvals, program, request, call, world, person } = await waiting();
    expect(() => approvals.answer(program, request.id, true)).toThrowError(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
    expect(() => approvals.answer({ ...program, person: true }, request.id, true)).toThrowError(
      expect.objectContaining({ code: 'OWN_REQUEST' }),
    );
    expect(() => approvals.answer(person, 'forged', true)).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(world.paid).toEqual([]);
    approvals.answer(person, request.id, false);
    await expect(call).rejects.toMatchObject({ code: 'CONSENT_DENIED' });
    expect(world.paid).toEqual([]);
  });

  it('gives one program only so much room', async () => {
    const { broker, approvals, program } = await waiting();
    const more = Array.from({ length: 7 }, (_, i) =>
      broker.invoke(program, 'toy.pay', { to: 'eve', amount: i }, never).catch(() => {}),
    );
    await until(() => approvals.list('test').length === 8);
    await expect(broker.invoke(program, 'toy.pay', { to: 'eve', amount: 9 }, never)).rejects.toMatchObject({
      code: 'BUSY',
    });
    const other = broker.invoke(caller('mcp'), 'toy.pay', { to: 'ann', amount: 1 }, never).catch(() => {});
    await until(() => approvals.list('test').length === 9);
    approvals.stop();
    await Promise.all([...more, other]);
  });

  it('lapses with time, with cancelling and with the connection', async () => {
    const timed = await waiting();
    timed.host.advance(consentLifetimeMs + 1);
    await expect(timed.call).rejects.toMatchObject({ code: 'CONSENT_EXPIRED' });
    const cancelled = await waiting();
    cancelled.abort.abort();
    await expect(cancelled.call).rejects.toMatchObject({ code: 'CANCELLED' });
    const gone = await waiting();
    gone.broker.disconnected(gone.program);
    await expect(gone.call).rejects.toMatchObject({ code: 'CANCELLED' });
    for (const { world, approvals } of [timed, cancelled, gone]) {
      expect(world.paid).toEqual([]);
      expect(approvals.list('test')).toEqual([]);
    }
  });

  it('is bound to its arguments: an altered input, a replay and a late use are refused', async () => {
    const { approvals, host } = createToyBroker();
    const person = caller('ui');
    const ask = async (input: unknown) => {
      const use = approvals.ask(caller('mcp'), 'toy.pay', toyContract['toy.pay'], input, never);
      const request = approvals.list('test')[0];
      approvals.answer(person, request?.id ?? '', true);
      return use;
    };
    const original = { to: 'ann', amount: 1, pin: '' };
    const altered = await ask(original);
    expect(() => altered({ ...original, amount: 1000 })).toThrowError(
      expect.objectContaining({ code: 'CONSENT_EXPIRED' }),
    );
    const replayed = await ask(original);
    replayed(original);
    expect(() => replayed(original)).toThrowError(expect.objectContaining({ code: 'CONSENT_EXPIRED' }));
    const late = await ask(original);
    host.setNow(host.now() + consentLifetimeMs + 1);
    expect(() => late(original)).toThrowError(expect.objectContaining({ code: 'CONSENT_EXPIRED' }));
  });

  it('does not survive a crash between answer and execution', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hypha-broker-'));
    directories.push(directory);
    const path = join(directory, 'agent.db');
    const before = createToyBroker(path);
    const person = caller('ui');
    const use = before.approvals.ask(
      caller('mcp'),
      'toy.pay',
      toyContract['toy.pay'],
      { to: 'a', amount: 1, pin: '' },
      never,
    );
    before.approvals.answer(person, before.approvals.list('test')[0]?.id ?? '', true);
    const consume = await use;
    // The agent dies here and starts again over the same database: the approval is void.
    const after = createToyBroker(path);
    expect(() => consume({ to: 'a', amount: 1, pin: '' })).toThrowError(
      expect.objectContaining({ code: 'CONSENT_EXPIRED' }),
    );
    before.store.close();
    after.store.close();
  });
});

describe('tasks', () => {
  it('are dropped past the newest endings while the agent runs, and never one that has just ended', async () => {
    const toy = createToyBroker();
    const rows = () => (toy.store.db.prepare('SELECT count(*) AS n FROM tasks').get() as { n: number }).n;
    const end = Promise.withResolvers<void>();
    const start = (work: () => Promise<unknown>) => {
      const id = toy.tasks.newId();
      toy.tasks.start({ id, method: 'toy.delete', title: 'x', input: null }, work, () => {});
      return id;
    };
    const long = start(() => end.promise);
    for (let i = 0; i < 599; i++) {
      toy.host.advance(1);
      const id = start(async () => {});
      await until(() => toy.tasks.get(id)?.state === 'done');
    }
    expect(rows()).toBeLessThan(260);
    toy.host.advance(1);
    end.resolve();
    const states = [];
    for await (const seen of toy.tasks.watch(long, never)) states.push(seen.state);
    expect([states.at(-1), rows()]).toEqual(['done', 200]);
  });

  it('journals beginning and ending, and shows the result', async () => {
    const toy = createToyBroker();
    const { task } = (await toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)) as { task: string };
    await until(() => toy.tasks.get(task)?.state === 'done');
    expect(toy.tasks.get(task)).toMatchObject({ title: 'Delete x', result: { gone: 'x' }, step: { key: 'delete' } });
    expect([...toy.journal.entries()][0]).toMatchObject({
      begin: { task, method: 'toy.delete' },
      end: { outcome: 'done' },
    });
  });

  it('can be cancelled, and its end is journalled as such', async () => {
    const toy = createToyBroker();
    let release = () => {};
    toy.world.hold = new Promise((r) => {
      release = r;
    });
    const { task } = (await toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)) as { task: string };
    toy.tasks.cancel(task);
    release();
    await until(() => toy.tasks.get(task)?.state === 'cancelled');
    expect(toy.world.deleted).toEqual([]);
    expect([...toy.journal.entries()][0]?.end?.outcome).toBe('cancelled');
    expect(() => toy.tasks.cancel(task)).toThrowError(expect.objectContaining({ code: 'NOT_CANCELLABLE' }));
  });

  it('is shown as interrupted when the agent died meanwhile, in the list and in the journal', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hypha-broker-'));
    directories.push(directory);
    const path = join(directory, 'agent.db');
    const before = createToyBroker(path);
    before.world.hold = new Promise(() => {});
    const { task } = (await before.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)) as { task: string };
    before.store.close();
    const after = createToyBroker(path);
    expect(after.tasks.get(task)).toMatchObject({ state: 'interrupted', failure: { code: 'INTERRUPTED' } });
    expect([...after.journal.entries()][0]?.end?.outcome).toBe('interrupted');
    after.store.close();
  });

  it('takes an abort that nobody asked for as a fault', async () => {
    const toy = createToyBroker();
    const id = toy.tasks.newId();
    const outcomes: string[] = [];
    toy.tasks.start(
      { id, method: 'toy.delete', title: 'x', input: null },
      async () => {
        throw Object.assign(new Error('odd'), { name: 'AbortError' });
      },
      (_, outcome) => outcomes.push(outcome),
    );
    await until(() => outcomes.length > 0);
    expect(toy.tasks.get(id)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
  });

  it('is followed to its end', async () => {
    const toy = createToyBroker();
    const { task } = (await toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)) as { task: string };
    const states: string[] = [];
    for await (const seen of toy.tasks.watch(task, never)) states.push(seen.state);
    expect(states.at(-1)).toBe('done');
    await expect(toy.tasks.watch('nothing', never).next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('undo', () => {
  it('undoes once when asked twice at the same time', async () => {
    const { broker, world, journal } = createToyBroker();
    const person = caller('ui');
    await broker.invoke(person, 'toy.add', { n: 5 }, never);
    const seq = journal.entries()[0]?.seq ?? 0;
    const both = await Promise.allSettled([broker.undo(person, seq, never), broker.undo(caller('ui'), seq, never)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(world.n).toBe(0);
  });

  it('undoes once, through the broker, and says who', async () => {
    const { broker, world, journal } = createToyBroker();
    const person = caller('ui');
    await broker.invoke(person, 'toy.add', { n: 5 }, never);
    const seq = [...journal.entries()][0]?.seq ?? 0;
    const undoing = await broker.undo(person, seq, never);
    expect(world.n).toBe(0);
    expect(journal.entry(undoing)?.begin.undoes).toBe(seq);
    await expect(broker.undo(person, seq, never)).rejects.toMatchObject({ code: 'CANNOT_UNDO' });
    await expect(broker.undo(person, 999, never)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
