import type { AnyMethod, Contract } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { type Fail, type Failure, fail, isFail } from '#shared/rpc/fail.ts';
import { plainWords } from '#shared/rpc/plain-words.ts';
import type { Host } from '../host.ts';
import type { Fault, Tasks } from '../tasks/tasks.ts';
import type { Approvals } from './approvals.ts';
import { deepFreeze } from './binding.ts';
import { createBudget } from './budget.ts';
import type { CallContext, Caller, TaskContext } from './handlers.ts';
import type { BeginRecord, EndRecord, Journal } from './journal.ts';
import type { Mandates } from './mandates.ts';
import { decide } from './policy.ts';
import { publicInput, summaryOf } from './words.ts';

type AnyHandler = (input: unknown, context: CallContext | TaskContext) => unknown;

export interface BrokerParts {
  contract: Contract;
  /** One for each method of the contract; the type is checked where they are composed. */
  handlers: Readonly<Record<string, unknown>>;
  host: Host;
  tasks: Tasks;
  journal: Journal;
  approvals: Approvals;
  mandates: Mandates;
  fault: Fault;
  /** {@link Checks} of methods of the contract. */
  checks?: Readonly<Record<string, ((input: never) => void | Promise<void>) | undefined>>;
  /** {@link Naming} of methods of the contract. */
  naming?: Readonly<Record<string, ((input: never) => object) | undefined>>;
  /** A person did something: the auto-lock timer begins anew. */
  onPerson: () => void;
}

export interface Broker extends Dispatcher<Caller> {
  /** Like `invoke`, remembering which entry of the journal it undoes. Resolves with the new entry's number. */
  undo(caller: Caller, seq: number, signal: AbortSignal): Promise<number>;
  /** Questions can be answered by somebody now. */
  personPresent(): boolean;
}

/**
 * The only executor of effects: validate, authorise, consent, budget, journal, execute, record. Whoever asks, by
 * whatever transport, passes here; domains never call each other's handlers.
 */
export function createBroker(parts: BrokerParts): Broker {
  const { contract, handlers, host, tasks, journal, approvals, mandates, fault, onPerson } = parts;
  const checks = (parts.checks ?? {}) as Readonly<Record<string, (input: unknown) => void | Promise<void>>>;
  const naming = (parts.naming ?? {}) as Readonly<Record<string, (input: unknown) => object>>;
  const budget = createBudget(host);
  const persons = new Set<string>();
  /** Entries whose undoing is asked for or under way. */
  const undoing = new Set<number>();

  function specOf(name: string): AnyMethod {
    const spec = Object.hasOwn(contract, name) ? contract[name] : undefined;
    if (spec === undefined)
      throw fail('UNKNOWN_METHOD', `There is no method ${name}.`, { next: 'Both sides may be of different versions.' });
    return spec;
  }

  // Composed from many domains: one that is missing, or that nobody can reach, shows at the start and not at the call.
  for (const name of new Set([...Object.keys(contract), ...Object.keys(handlers)])) {
    if (!Object.hasOwn(contract, name)) throw new Error(`no method for the handler ${name}`);
    if (typeof handlers[name] !== 'function') throw new Error(`no handler for ${name}`);
  }
  const handlerOf = (name: string): AnyHandler => handlers[name] as AnyHandler;

  function parse(name: string, spec: AnyMethod, input: unknown): unknown {
    const parsed = spec.input.safeParse(input ?? {}, { error: plainWords });
    if (parsed.success) return deepFreeze(parsed.data);
    const issues = parsed.error.issues.slice(0, 20).map((i: { path: PropertyKey[]; message: string }) => ({
      path: i.path.map(String).join('.'),
      message: i.message,
    }));
    const first = issues[0];
    throw fail(
      'BAD_INPUT',
      first ? `${first.path ? `${first.path}: ` : ''}${first.message}` : `This is not what ${name} takes.`,
      {
        meaning: 'Nothing was done.',
        next: 'Correct it and try again.',
        data: { issues },
      },
    );
  }

  /** The input with the words in it that a person knows things by, to be shown and nothing else. */
  function named(name: string, input: unknown): unknown {
    if (!Object.hasOwn(naming, name) || typeof input !== 'object' || input === null) return input;
    try {
      const words = Object.entries(naming[name]?.(input) ?? {}).filter(([, word]) => word !== undefined);
      return { ...input, ...Object.fromEntries(words) };
    } catch (error) {
      // What it does not know keeps its id; that must not be what a call fails by.
      if (!isFail(error)) fault(error);
      return input;
    }
  }

  const summed = (name: string, spec: AnyMethod, input: unknown): string => summaryOf(spec, named(name, input));

  /** Authorise, asking a person where needed. Returns how it was allowed; an approval is used up by then. */
  async function authorise(caller: Caller, name: string, spec: AnyMethod, input: unknown, signal: AbortSignal) {
    const verdict = decide(caller, name, spec, input);
    if (verdict !== 'ask') return verdict;
    if (Object.hasOwn(checks, name)) await checks[name]?.(input);
    if (mandates.use(caller.face, name, input) !== null) return 'mandate';
    if (persons.size === 0) {
      throw fail('CONSENT_NEEDED', `A person must allow this: ${summed(name, spec, input)}.`, {
        meaning: 'Nothing was done.',
        next: 'Open Hypha, or run the command at a terminal, and answer the question.',
      });
    }
    const consume = await approvals.ask(caller, name, spec, input, signal, named(name, input));
    consume(input);
    return 'consent';
  }

  function recordRefusal(caller: Caller, name: string, spec: AnyMethod, input: unknown, failure: Failure): void {
    const at = host.now();
    const seq = journal.begin({ ...about(caller, name, spec, input, 'grant', null, null), at });
    journal.end(seq, { at, outcome: 'refused', failure, undo: null });
  }

  function about(
    caller: Caller,
    name: string,
    spec: AnyMethod,
    input: unknown,
    authority: BeginRecord['authority'],
    task: string | null,
    undoes: number | null,
  ): BeginRecord {
    return {
      at: host.now(),
      caller: { face: caller.face, name: caller.name },
      method: name,
      effect: spec.effect,
      summary: summed(name, spec, input),
      authority,
      task,
      undoes,
    };
  }

  async function execute(caller: Caller, name: string, raw: unknown, signal: AbortSignal, undoes: number | null) {
    const spec = specOf(name);
    if (spec.kind === 'stream') throw fail('BAD_INPUT', `${name} is a stream.`);
    // Forbidden first: who may not call it learns nothing about its input.
    decide(caller, name, spec);
    const input = parse(name, spec, raw);
    const handler = handlerOf(name);
    if (caller.person && spec.effect !== 'read') onPerson();

    if (spec.effect === 'read' && spec.kind === 'call')
      return {
        result: await handler(
          input,
          context(caller, signal, () => {}),
        ),
        seq: 0,
      };

    // Held before it can be written down: a program in a loop must not fill the log with refusals.
    budget.spend(caller);
    const authority = await authorise(caller, name, spec, input, signal).catch((error: unknown) => {
      const refusal = fault(error);
      recordRefusal(caller, name, spec, input, refusal.toFailure());
      throw refusal;
    });
    if (spec.quiet)
      return {
        result: await handler(
          input,
          context(caller, signal, () => {}),
        ),
        seq: 0,
      };

    let undo: EndRecord['undo'] = null;
    const keepUndo = (method: string, undoInput: unknown): void => {
      undo = { method, input: undoInput };
    };
    const needsNoRecord = spec.lessens === true || spec.rescues === true;
    const task = spec.kind === 'task' ? tasks.newId() : null;
    const entry = about(caller, name, spec, input, authority, task, undoes);
    let seq: number | null = null;
    try {
      // The journal first: when it cannot be written, nothing starts.
      seq = journal.begin(entry);
    } catch (error) {
      // A log that cannot be written keeps nobody from locking or stopping, or from her own files.
      if (!needsNoRecord) throw error;
      fault(error);
    }
    if (task !== null) {
      const settled = (failure: Failure | null, outcome: EndRecord['outcome']) => {
        const end: EndRecord = { at: host.now(), outcome, failure, undo: outcome === 'done' ? undo : null };
        if (seq === null) journal.afterwards(entry, end);
        else journal.end(seq, end);
      };
      try {
        tasks.start(
          { id: task, method: name, title: entry.summary, input: publicInput(spec, input), needsNoRecord },
          async (controls) => handler(input, { ...context(caller, controls.signal, keepUndo), ...controls }),
          settled,
        );
      } catch (error) {
        throw seq === null ? fault(error) : failed(seq, error);
      }
      return { result: { task }, seq: seq ?? 0 };
    }
    if (seq === null) {
      return {
        result: await unlogged(entry, () =>
          handler(
            input,
            context(caller, signal, () => {}),
          ),
        ),
        seq: 0,
      };
    }
    let result: unknown;
    try {
      result = await handler(input, context(caller, signal, keepUndo));
    } catch (error) {
      throw failed(seq, error);
    }
    try {
      journal.end(seq, { at: host.now(), outcome: 'done', failure: null, undo });
    } catch (error) {
      const { code, message } = fault(error);
      // Done is all that counts of it: telling who locked or unlocked that it failed would be wrong.
      if (needsNoRecord) return { result, seq };
      throw fail(code, message, {
        meaning: 'This was done, but the activity log cannot say so yet.',
        next: 'Do not do it again. Free some space: the log then catches up.',
      });
    }
    return { result, seq };
  }

  /** Do it first and have it written down when there is room. */
  async function unlogged(entry: BeginRecord, work: () => unknown): Promise<unknown> {
    const ended = (outcome: EndRecord['outcome'], failure: Failure | null) =>
      journal.afterwards(entry, { at: host.now(), outcome, failure, undo: null });
    try {
      const result = await work();
      ended('done', null);
      return result;
    } catch (error) {
      const failure = fault(error);
      ended('failed', failure.toFailure());
      throw failure;
    }
  }

  /** Close an entry as failed. What failed is said, even where the log cannot take it in at once. */
  function failed(seq: number, error: unknown): Fail {
    const failure = fault(error);
    try {
      journal.end(seq, {
        at: host.now(),
        outcome: failure.code === 'CANCELLED' ? 'cancelled' : 'failed',
        failure: failure.toFailure(),
        undo: null,
      });
    } catch (unwritten) {
      fault(unwritten);
    }
    return failure;
  }

  /** A person's connection that has called once can be asked. */
  const seen = (caller: Caller): void => {
    if (caller.person) persons.add(caller.connection);
  };

  const context = (caller: Caller, signal: AbortSignal, undo: CallContext['undo']): CallContext => ({
    caller,
    signal,
    undo,
  });

  return {
    async invoke(caller, name, input, signal) {
      seen(caller);
      try {
        return (await execute(caller, name, input, signal, null)).result;
      } catch (error) {
        throw fault(error);
      }
    },

    async undo(caller, seq, signal) {
      const entry = journal.entry(seq);
      if (entry === null) throw fail('NOT_FOUND', 'There is no such entry.');
      const undo = entry.end?.outcome === 'done' ? entry.end.undo : null;
      if (undo === null) throw fail('CANNOT_UNDO', 'This cannot be undone.', { meaning: 'Nothing was changed.' });
      if (journal.isUndone(seq) || undoing.has(seq))
        throw fail('CANNOT_UNDO', 'This was already undone.', { meaning: 'Nothing was changed.' });
      undoing.add(seq);
      try {
        return (await execute(caller, undo.method, undo.input, signal, seq)).seq;
      } finally {
        undoing.delete(seq);
      }
    },

    async *stream(caller, name, raw, signal) {
      seen(caller);
      try {
        const spec = specOf(name);
        if (spec.kind !== 'stream') throw fail('BAD_INPUT', `${name} is not a stream.`);
        decide(caller, name, spec);
        // Streams only read: whatever has an effect is a call or a task, so that it has a beginning and an end to journal.
        if (spec.effect !== 'read') throw fail('FORBIDDEN', `${name} is not allowed here.`);
        const input = parse(name, spec, raw);
        yield* handlerOf(name)(
          input,
          context(caller, signal, () => {}),
        ) as AsyncIterable<unknown>;
      } catch (error) {
        if (signal.aborted) return;
        throw fault(error);
      }
    },

    disconnected(caller) {
      persons.delete(caller.connection);
      approvals.disconnected(caller.connection);
      budget.forget(caller.connection);
    },

    personPresent: () => persons.size > 0,
  };
}
