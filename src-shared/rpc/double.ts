import { connect } from './client.ts';
import type { AnyMethod, Client, Contract, OutputOf, ParsedInputOf, TaskStarted } from './contract.ts';
import type { Dispatcher } from './dispatcher.ts';
import { fail } from './fail.ts';
import type { Role } from './frames.ts';
import { type Served, serve } from './server.ts';
import { memoryPair } from './transports/memory.ts';

type Answer<M extends AnyMethod> = M['kind'] extends 'stream'
  ? (input: ParsedInputOf<M>, signal: AbortSignal) => AsyncIterable<OutputOf<M>>
  : M['kind'] extends 'task'
    ? (input: ParsedInputOf<M>, signal: AbortSignal) => TaskStarted | Promise<TaskStarted>
    : (input: ParsedInputOf<M>, signal: AbortSignal) => OutputOf<M> | Promise<OutputOf<M>>;

/** Answers for some methods of a contract, typed by it. */
export type Answers<C extends Contract> = { readonly [N in keyof C & string]?: Answer<C[N]> };

/**
 * A test double of an agent: answers the methods it was given answers for, and fails loudly, by name, for every other.
 * Inputs are parsed as the broker would, so a test cannot pass what the real agent refuses.
 */
export function doubleOf<C extends Contract>(contract: C, answers: Answers<C>): Dispatcher<unknown> {
  const find = (method: string, input: unknown) => {
    const spec = contract[method];
    if (!spec) throw fail('UNKNOWN_METHOD', `The contract has no method ${method}.`);
    const answer = answers[method] as ((input: unknown, signal: AbortSignal) => unknown) | undefined;
    if (!answer) {
      throw fail('UNKNOWN_METHOD', `The test double was given no answer for ${method}.`, {
        next: `Pass one: doubleOf(contract, { '${method}': … }).`,
      });
    }
    const parsed = spec.input.safeParse(input);
    if (!parsed.success) throw fail('BAD_INPUT', `The input of ${method} is wrong: ${parsed.error.message}`);
    return (signal: AbortSignal) => answer(parsed.data, signal);
  };
  return {
    async invoke(_caller, method, input, signal) {
      return find(method, input)(signal);
    },
    async *stream(_caller, method, input, signal) {
      yield* find(method, input)(signal) as AsyncIterable<unknown>;
    },
    disconnected() {},
  };
}

/** A connected client of a double, through the real peer and the memory transport, with outputs checked. */
export async function connectDouble<C extends Contract>(
  contract: C,
  answers: Answers<C>,
  role: Role = { face: 'ui', person: true, name: 'Test' },
): Promise<{ client: Client<C>; served: Served; close(): void; faults: unknown[] }> {
  const [near, far] = memoryPair();
  const faults: unknown[] = [];
  const served = serve(far, {
    contract,
    version: 0,
    dispatcher: doubleOf(contract, answers),
    accept: () => ({ caller: role, connection: 'double' }),
    checkOutputs: true,
    newIncident: () => `double-${faults.length + 1}`,
    log: ({ error }) => faults.push(error),
  });
  const connection = await connect(near, { contract, version: 0, role });
  return { client: connection.client, served, close: connection.close, faults };
}
