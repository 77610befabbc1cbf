import { type ShellContract, shellContract } from '#shared/contract/shell.ts';
import type { AnyMethod, OutputOf, ParsedInputOf } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { fail } from '#shared/rpc/fail.ts';

/** What main does for the core: one function a method of the shell contract. */
export type ShellHandlers = {
  readonly [N in keyof ShellContract]: ShellContract[N]['kind'] extends 'stream'
    ? (input: ParsedInputOf<ShellContract[N]>, signal: AbortSignal) => AsyncIterable<OutputOf<ShellContract[N]>>
    : (input: ParsedInputOf<ShellContract[N]>) => OutputOf<ShellContract[N]> | Promise<OutputOf<ShellContract[N]>>;
};

/**
 * Hands calls of the core to the handlers, inputs checked first. No broker: the only caller is the core itself, over a
 * port that nobody else holds, and whatever a person had to be asked was asked there.
 */
export function shellDispatcher(handlers: ShellHandlers): Dispatcher<'core'> {
  const find = (name: string): { spec: AnyMethod; run: (input: never, signal: AbortSignal) => unknown } => {
    if (!Object.hasOwn(shellContract, name)) throw fail('UNKNOWN_METHOD', `The shell has no method ${name}.`);
    const known = name as keyof ShellContract;
    return { spec: shellContract[known], run: handlers[known] };
  };
  const checked = (spec: AnyMethod, input: unknown): never => {
    const parsed = spec.input.safeParse(input);
    if (!parsed.success) throw fail('BAD_INPUT', 'The core asked the shell for something of the wrong shape.');
    return parsed.data as never;
  };
  return {
    async invoke(_caller, name, input, signal) {
      const { spec, run } = find(name);
      return run(checked(spec, input), signal);
    },
    async *stream(_caller, name, input, signal) {
      const { spec, run } = find(name);
      yield* run(checked(spec, input), signal) as AsyncIterable<unknown>;
    },
    disconnected() {},
  };
}
