import { z } from 'zod';

/** What a call does to the world; the broker's policy is written over these. */
export type Effect = 'read' | 'write' | 'share' | 'spend' | 'deploy' | 'delete' | 'admin';

/**
 * Where a method can be reached from. `ui` the interface, `cli` the command line, `assistant`, `mcp`, `peer` another
 * person's agent, `shell` the process that hosts the interface (Electron main or the daemon's HTTP server), `site` a web page that uses the
 * wallet.
 */
export const faces = ['ui', 'cli', 'assistant', 'mcp', 'peer', 'shell', 'site'] as const;
export type Face = (typeof faces)[number];

/** `call` answers once; `stream` yields items; `task` answers at once with a task id and goes on in the background. */
export type Kind = 'call' | 'stream' | 'task';

export interface MethodSpec<
  K extends Kind = Kind,
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  E extends string = string,
> {
  readonly kind: K;
  /** One plain sentence: what the method does. Shown in help, the palette, the assistant's tools and the API document. */
  readonly about: string;
  readonly input: I;
  /** The answer; for a stream one item; for a task its result. */
  readonly output: O;
  /** Codes this method can return besides {@link commonErrors}. */
  readonly errors: readonly E[];
  readonly effect: Effect;
  /** One line describing this very call, for consent questions and the activity log. Secrets never appear in it. */
  readonly summary: (input: z.output<I>) => string;
  /** How a person may say it; `{name}` marks a slot taken from the input. */
  readonly examples: readonly string[];
  /** The method that undoes it, or why it cannot be undone. Reads need neither. */
  readonly undo?: { readonly method: string } | { readonly never: string };
  /** Faces this method is withheld from, each with the reason. A missing face is offered. */
  readonly withheld?: Partial<Record<Face, string>>;
  /** Inputs that must never reach the journal, the log or a consent question. */
  readonly secret?: readonly (keyof z.output<I> & string)[];
  /** Of a method that can do without its secrets: the assistant and MCP clients may call it only without them. */
  readonly secretsTyped?: boolean;
  /** Called many times a second (chunks, keystrokes): not journalled one by one. */
  readonly quiet?: boolean;
  /**
   * Only takes power away (lock, stop, withdraw, cancel): done even when the activity log cannot be written, as on a full
   * disk; its entry is written when there is room again.
   */
  readonly lessens?: boolean;
  /**
   * Only lets the person in, or brings her own data out to her (unlock, export, verify): done like `lessens`, so that a disk that
   * filled up keeps nobody from what lies on it. Nothing leaves for others, is spent or is deleted by it.
   */
  readonly rescues?: boolean;
  /** On the command line: positional inputs in order; the last may take many. */
  readonly positional?: readonly (keyof z.output<I> & string)[];
}

// biome-ignore lint/suspicious/noExplicitAny: a contract holds methods of every shape; each is typed at its definition
export type AnyMethod = MethodSpec<Kind, any, any, string>;
export type Contract = Readonly<Record<string, AnyMethod>>;

/** Define one method; a plain identity function that infers the parts. */
export function method<const K extends Kind, I extends z.ZodType, O extends z.ZodType, const E extends string>(
  spec: MethodSpec<K, I, O, E>,
): MethodSpec<K, I, O, E> {
  return spec;
}

/** The inputs of a method by name. */
export function inputShape({ input }: AnyMethod): Readonly<Record<string, z.ZodType>> {
  return input instanceof z.ZodObject ? (input.shape as Record<string, z.ZodType>) : {};
}

export const taskIdSchema = z.string().min(1).max(64).brand<'TaskId'>();
export type TaskId = z.infer<typeof taskIdSchema>;
export const taskStartedSchema = z.object({ task: taskIdSchema });
export type TaskStarted = z.infer<typeof taskStartedSchema>;

/** What a caller passes in (before defaults are applied). */
export type InputOf<M extends AnyMethod> = z.input<M['input']>;
/** What a handler receives (after defaults). */
export type ParsedInputOf<M extends AnyMethod> = z.output<M['input']>;
export type OutputOf<M extends AnyMethod> = z.output<M['output']>;

/** The client face of a method, by kind. */
export type ClientMethod<M extends AnyMethod> = M['kind'] extends 'stream'
  ? (input: InputOf<M>, options?: { signal?: AbortSignal }) => AsyncIterable<OutputOf<M>>
  : (
      input: InputOf<M>,
      options?: { signal?: AbortSignal },
    ) => Promise<M['kind'] extends 'task' ? TaskStarted : OutputOf<M>>;

export type Client<C extends Contract> = { readonly [N in keyof C & string]: ClientMethod<C[N]> };
