import type { AnyMethod, Contract, Face, OutputOf, ParsedInputOf, TaskId } from '#shared/rpc/contract.ts';
import type { StepProgress } from '../tasks/tasks.ts';

/** Who asks. One per connection; `connection` is unique per connection and never reused. */
export interface Caller {
  readonly connection: string;
  readonly face: Face;
  /** Shown to the person: "Hypha window", "Terminal", an MCP client's name. */
  readonly name: string;
  /** Opened for a person: may answer consent questions (never its own) and acts by the person's own hand. */
  readonly person: boolean;
}

/** What every handler gets besides its input. */
export interface CallContext {
  readonly caller: Caller;
  /** Aborts when the caller cancels, disconnects (streams) or the task is cancelled. */
  readonly signal: AbortSignal;
  /** Record how to undo this call: the method and the input that put things back. Journalled with the result. */
  undo(method: string, input: unknown): void;
}

/** What a task's handler gets: progress that the interface, notifications and the log all read. */
export interface TaskContext extends CallContext {
  readonly task: TaskId;
  /** Enter a named step. `key` is stable (tests, translation), `text` plain words. Resets progress. */
  step(key: string, text: string, progress?: StepProgress): void;
  /** Progress within the step, in its unit, counted from its start. Cheap to call; updates are throttled. */
  progress(done: number, total?: number): void;
  /**
   * Where nothing is half done and nothing is held that others wait for: `await context.rest()` waits here while the person has
   * paused the task, and returns when it goes on or was cancelled. Only in steps that say that they are `pausable`.
   */
  rest(): Promise<void> | null;
}

export type Handler<M extends AnyMethod> = M['kind'] extends 'stream'
  ? (input: ParsedInputOf<M>, context: CallContext) => AsyncIterable<OutputOf<M>>
  : M['kind'] extends 'task'
    ? (input: ParsedInputOf<M>, context: TaskContext) => Promise<OutputOf<M>>
    : (input: ParsedInputOf<M>, context: CallContext) => OutputOf<M> | Promise<OutputOf<M>>;

/**
 * Of some methods: what can be told to be wrong before a person is asked to allow it. Throws as the handler would; what
 * passes is not promised to work.
 */
export type Checks<C extends Contract> = {
  readonly [N in keyof C]?: (input: ParsedInputOf<C[N]>) => void | Promise<void>;
};

/**
 * Of some methods: those inputs that are ids, in the words a person knows the things by. Consent questions and the activity
 * log show them; what is approved and executed is the input itself. What is not known is left out.
 */
export type Naming<C extends Contract> = {
  readonly [N in keyof C]?: (input: ParsedInputOf<C[N]>) => {
    readonly [K in keyof ParsedInputOf<C[N]>]?: string | readonly string[] | undefined;
  };
};

/** One handler a method. A domain's service provides `Handlers<typeof itsContract>`. */
export type Handlers<C extends Contract> = { readonly [N in keyof C]: Handler<C[N]> };
