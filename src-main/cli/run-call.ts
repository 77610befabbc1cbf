import type { ShareProgress } from '#shared/contract/shares.ts';
import type { Task } from '#shared/contract/tasks.ts';
import type { AnyMethod, TaskId } from '#shared/rpc/contract.ts';
import { Fail, fail } from '#shared/rpc/fail.ts';
import type { LocalConnection } from '../local/local-client.ts';
import { answerAtTerminal, ownQuestions } from './consent.ts';
import { typeOnConsole } from './console.ts';
import { exitCodes } from './exit-codes.ts';
import type { Command } from './grammar.ts';
import { leftOut } from './left-out.ts';
import { printPage } from './page.ts';
import { createProgress } from './progress.ts';
import { render, renderItem, toJson } from './render.ts';
import type { CliSession } from './session.ts';
import { writeSharesDown } from './shares-write.ts';
import type { Terminal } from './terminal.ts';

export interface CallOptions {
  readonly json: boolean;
  readonly detach: boolean;
  readonly signal: AbortSignal;
}

/** Effects that policy lets the command line have by itself. */
const unasked = new Set(['read', 'write']);

/** Whether a person may have to allow it. Undoing is a call by itself, which is allowed or asked by what it does. */
const mayBeAsked = (method: string, spec: AnyMethod): boolean =>
  !unasked.has(spec.effect) || method === 'activity.undo';

/**
 * Which hand a command acts by. Giving the passphrase is the person's own act, stronger than any yes; so is asking for
 * a link, which gives the interface to who reads it. Everything else goes over the command's own connection and is
 * asked where policy says so.
 */
export function actsAsPerson(method: string, spec: AnyMethod): boolean {
  return (spec.secret?.includes('passphrase') ?? false) || method === 'system.link' || method === 'identity.draft';
}

/** Make one call and print what comes of it; resolves with the exit code. Rejects with the call's failure. */
export async function runCall(
  command: Command,
  input: Record<string, unknown>,
  session: CliSession,
  terminal: Terminal,
  options: CallOptions,
): Promise<number> {
  const { method, spec } = command;
  const asPerson = actsAsPerson(method, spec);
  const connection = asPerson ? await session.person() : await session.calls();
  // Whatever is wrong with the agent, the command itself will tell.
  if (terminal.interactive) await session.present().catch(() => {});
  if (method === 'machines.console' && terminal.interactive && !options.json) {
    await typeOnConsole(connection, input as { machine: string }, terminal, options.signal);
    return exitCodes.ok;
  }
  if (method === 'activity.export') {
    await exportActivity(connection, terminal, options);
    return exitCodes.ok;
  }
  if (spec.kind === 'stream') {
    await printStream(connection, method, input, terminal, options);
    return exitCodes.ok;
  }

  let asking: { stop(): void } | null = null;
  if (!asPerson && mayBeAsked(method, spec)) {
    if (terminal.interactive) {
      const person = await session.person();
      // Once this is answered the agent knows that somebody can be asked.
      await person.client['consent.pending']({});
      asking = answerAtTerminal(terminal, connection, person);
    } else asking = sayThatItWaits(terminal, connection);
  }
  let answer: unknown;
  try {
    answer = await connection.call(method, input, { signal: options.signal });
  } finally {
    asking?.stop();
  }
  if (method === 'shares.make' && terminal.interactive && !options.json) {
    await writeSharesDown(connection, answer as ShareProgress, terminal);
    return exitCodes.ok;
  }
  if (spec.kind === 'task' && !options.detach) {
    const { task } = answer as { task: TaskId };
    answer = await followTask(connection, task, terminal, options.signal);
  }
  if (method === 'mesh.fetch' && !options.json) {
    return printPage(answer as Parameters<typeof printPage>[0], input.head === true, terminal);
  }
  await terminal.out(options.json ? `${toJson(answer)}\n` : render(answer, widthOf(terminal)));
  const missing = leftOut(answer);
  if (missing === 0) return exitCodes.ok;
  terminal.err(
    `hypha: ${missing === 1 ? 'one was' : `${missing} were`} left out; “skipped” says why. All else is done.\n`,
  );
  return exitCodes.leftOut;
}

/** Without a terminal the question shows in Hypha's window, if one is open; said once it really waits there, and how long. */
function sayThatItWaits(terminal: Terminal, connection: LocalConnection): { stop(): void } {
  const ended = new AbortController();
  const { signal } = ended;
  let said = false;
  const look = async () => {
    const [own] = await ownQuestions(connection, signal);
    if (own === undefined || said || signal.aborted) return;
    said = true;
    const minutes = Math.ceil((own.expiresAt - own.askedAt) / 60_000);
    terminal.err(
      `hypha: this waits for a person to allow it in Hypha’s window or page, ${minutes} minutes at most. Ctrl-C gives up.\n`,
    );
  };
  const follow = async () => {
    for await (const { topic } of connection.client['system.events']({}, { signal })) {
      if (topic === 'consent') await look();
      if (said) return;
    }
  };
  // What is said is a help, not the call: when it fails, the call tells why.
  follow().catch(() => {});
  // The question may have come before its event was followed.
  const once = setTimeout(() => void look().catch(() => {}), 1000);
  return {
    stop() {
      clearTimeout(once);
      ended.abort();
    },
  };
}

/** Show a task's progress until it ends; its result, or its failure. Ctrl-C cancels the task. */
export async function followTask(
  connection: LocalConnection,
  task: TaskId,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<unknown> {
  const progress = createProgress(terminal);
  const cancel = () => {
    connection.client['tasks.cancel']({ task }).catch(() => {
      // It ended meanwhile, or cannot be cancelled: it is watched to its end either way.
    });
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let last: Task | null = null;
  try {
    for await (const state of connection.client['tasks.watch']({ task })) {
      last = state;
      if (state.state !== 'running') break;
      progress.show(state);
    }
  } finally {
    progress.end();
    signal.removeEventListener('abort', cancel);
  }
  // Every task has a result; one that could name files is held back while locked.
  if (last?.state === 'done' && last.result === null) {
    throw fail('LOCKED', 'This is done, but what came of it is not shown while Hypha is locked.', {
      next: 'Unlock Hypha, then look at: hypha task list --json',
    });
  }
  if (last?.state === 'done') return last.result;
  if (last?.failure) throw new Fail(last.failure);
  if (last?.state === 'cancelled') throw fail('CANCELLED', 'It was cancelled.');
  throw fail('DISCONNECTED', 'The agent stopped before this came to its end.', {
    next: 'Look at: hypha task list',
  });
}

async function printStream(
  connection: LocalConnection,
  method: string,
  input: Record<string, unknown>,
  terminal: Terminal,
  { json, signal }: CallOptions,
): Promise<void> {
  for await (const item of connection.stream(method, input, { signal })) {
    const bytes = bytesOf(item);
    if (json) await terminal.out(`${toJson(item)}\n`);
    else if (bytes) await terminal.out(bytes);
    else await terminal.out(renderItem(item, widthOf(terminal)));
  }
}

/** Only a terminal has too little room for a whole line. */
const widthOf = ({ outColumns }: Terminal): number => outColumns ?? Number.POSITIVE_INFINITY;

/** The whole log, part by part: the lines as they are, or with --json as the one value. */
async function exportActivity(
  { client }: LocalConnection,
  terminal: Terminal,
  { json, signal }: CallOptions,
): Promise<void> {
  const parts: string[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { text, next }: { text: string; next: number | null } = await client['activity.export'](
      { after },
      { signal },
    );
    if (json) parts.push(text);
    else await terminal.out(text);
    after = next;
  }
  if (json) await terminal.out(`${toJson({ text: parts.join(''), next: null })}\n`);
}

/** Items that are bytes, or carry them (a console), are printed as they are. */
function bytesOf(item: unknown): Uint8Array | null {
  if (item instanceof Uint8Array) return item;
  const bytes = typeof item === 'object' && item !== null && 'bytes' in item ? item.bytes : null;
  return bytes instanceof Uint8Array ? bytes : null;
}
