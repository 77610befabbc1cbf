import { z } from 'zod';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { type Contract, type Face, method } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { openDatabase } from '../../store/database.ts';
import { createTasks, tasksMigration } from '../../tasks/tasks.ts';
import { approvalsMigration, createApprovals } from '../approvals.ts';
import { createBroker } from '../broker.ts';
import { createFault } from '../fault.ts';
import type { Caller } from '../handlers.ts';
import { createJournal, journalMigration, journalUndoesMigration } from '../journal.ts';
import { createMandates, mandatesMigration } from '../mandates.ts';

/** A small contract with one method of each kind and effect, to drive the real broker in tests. */
export const toyContract = {
  'toy.look': method({
    kind: 'call',
    about: 'Look.',
    input: z.object({}),
    output: z.object({ n: z.number() }),
    errors: [],
    effect: 'read',
    summary: () => 'Look',
    examples: [],
  }),
  'toy.add': method({
    kind: 'call',
    about: 'Add.',
    input: z.object({ n: z.number().int() }),
    output: z.object({ n: z.number() }),
    errors: ['TOO_MANY'],
    effect: 'write',
    summary: (i) => `Add ${i.n}`,
    examples: [],
    undo: { method: 'toy.add' },
  }),
  'toy.pay': method({
    kind: 'call',
    about: 'Pay.',
    input: z.object({
      to: z.string(),
      amount: z.number(),
      pin: z.string().default(''),
      note: z.string().nullable().optional(),
    }),
    output: z.object({}),
    errors: [],
    effect: 'spend',
    summary: (i) => `Pay ${i.amount} to ${i.to}`,
    examples: [],
    undo: { never: 'Money sent is sent.' },
    secret: ['pin'],
  }),
  'toy.delete': method({
    kind: 'task',
    about: 'Delete.',
    input: z.object({ what: z.string() }),
    output: z.object({ gone: z.string() }),
    errors: [],
    effect: 'delete',
    summary: (i) => `Delete ${i.what}`,
    examples: [],
    undo: { never: 'Gone is gone.' },
  }),
  'toy.save': method({
    kind: 'task',
    about: 'Save.',
    input: z.object({ what: z.string() }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Save ${i.what}`,
    examples: [],
    undo: { never: 'Delete the copy.' },
    rescues: true,
  }),
  'toy.count': method({
    kind: 'stream',
    about: 'Count.',
    input: z.object({ to: z.number() }),
    output: z.number(),
    errors: [],
    effect: 'read',
    summary: () => 'Count',
    examples: [],
  }),
  'toy.lock': method({
    kind: 'call',
    about: 'Lock.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Lock',
    examples: [],
    undo: { never: 'Unlock.' },
    lessens: true,
  }),
  'toy.private': method({
    kind: 'call',
    about: 'Private.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Private',
    examples: [],
    undo: { never: 'No.' },
    withheld: { mcp: 'Only a person may do this.' },
  }),
} satisfies Contract;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The real broker, journal, approvals, mandates and tasks over `path`, with the toy contract and a world to act on. */
export function createToyBroker(path = ':memory:', host = createFakeHost()) {
  const store = openDatabase({
    path,
    migrations: [
      `${approvalsMigration} ${mandatesMigration} ${journalMigration} ${tasksMigration}`,
      journalUndoesMigration,
    ],
    log: silent,
  });
  const world = {
    n: 0,
    locked: 0,
    paid: [] as { to: string; amount: number }[],
    deleted: [] as string[],
    saved: [] as string[],
    hold: null as Promise<void> | null,
  };
  const events: string[] = [];
  const emit = ({ topic }: { topic: string }) => void events.push(topic);
  const fault = createFault({ host, log: silent });
  const tasks = createTasks({ store, host, emit, fault });
  const journal = createJournal({ store, host, emit });
  const approvals = createApprovals({ store, host, emit });
  const mandates = createMandates({ store, host, emit, contract: toyContract });
  const handlers = {
    'toy.look': () => ({ n: world.n }),
    'toy.add': ({ n }: { n: number }, { undo }: { undo: (m: string, i: unknown) => void }) => {
      if (n === 13) throw new Error('a secret detail');
      world.n += n;
      undo('toy.add', { n: -n });
      return { n: world.n };
    },
    'toy.pay': ({ to, amount }: { to: string; amount: number }) => {
      world.paid.push({ to, amount });
      return {};
    },
    'toy.delete': async (
      { what }: { what: string },
      context: { signal: AbortSignal; step: (k: string, t: string) => void },
    ) => {
      context.step('delete', 'Deleting');
      await world.hold;
      context.signal.throwIfAborted();
      world.deleted.push(what);
      return { gone: what };
    },
    'toy.save': async ({ what }: { what: string }) => {
      if (what === 'bad') throw fail('NOT_FOUND', 'There is no such thing.');
      world.saved.push(what);
      return {};
    },
    'toy.count': async function* ({ to }: { to: number }) {
      for (let i = 1; i <= to; i++) yield i;
    },
    'toy.lock': () => {
      world.locked += 1;
      return {};
    },
    'toy.private': () => ({}),
  };
  let personTouches = 0;
  const broker = createBroker({
    contract: toyContract,
    handlers,
    host,
    tasks,
    journal,
    approvals,
    mandates,
    fault,
    checks: {
      'toy.delete': ({ what }: { what: string }) => {
        if (what === 'nothing') throw fail('NOT_FOUND', 'There is no such thing.');
      },
    },
    naming: {
      'toy.delete': ({ what }: { what: string }) => {
        if (what === 'odd') throw new Error('no name for this');
        return { what: what === 'p1' ? '“USB” (/media/usb)' : undefined };
      },
    },
    onPerson: () => {
      personTouches += 1;
    },
  });
  return { broker, store, host, world, events, tasks, journal, approvals, mandates, touches: () => personTouches };
}

let connections = 0;
/** A caller on a fresh connection. */
export function caller(face: Face, person = face === 'ui'): Caller {
  connections += 1;
  return { connection: `c${connections}`, face, person, name: `${face} ${connections}` };
}

export const never = new AbortController().signal;
