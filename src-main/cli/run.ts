import { homedir } from 'node:os';
import path from 'node:path';
import { agentContract } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { Fail, isFail } from '#shared/rpc/fail.ts';
import { plainWords } from '#shared/rpc/plain-words.ts';
import { resolveHome } from '../local/home.ts';
import { completeInput } from './complete.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { type Field, fieldsOf } from './fields.ts';
import { type Command, commandsOf, findCommand, joinVerb } from './grammar.ts';
import { helpCommand, helpDomain, helpTop } from './help.ts';
import { draftIdentity } from './identity-create.ts';
import { askSecrets, readFiles, resolvePaths } from './inputs.ts';
import { parseWords, splitGlobals } from './parse.ts';
import { toJson } from './render.ts';
import { runCall } from './run-call.ts';
import { type CliSession, openSession } from './session.ts';
import { runSpecial } from './special.ts';
import { specialCommands } from './special-words.ts';
import type { Terminal } from './terminal.ts';
import { clean } from './text.ts';
import { UsageError } from './usage.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly pid: number;
  /** Where the entry lies, to find the daemon beside it. */
  readonly directory: string;
  readonly version: string;
  readonly terminal: Terminal;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Flags that a command has beyond its contract. */
const extraFlags: Readonly<Record<string, readonly string[]>> = { 'identity.create': ['words-to'] };

/** Run one command line; resolves with the exit code and never rejects. */
export async function run(argv: readonly string[], around: Surroundings): Promise<number> {
  const { terminal, signal } = around;
  let json = argv.includes('--json');
  let session: CliSession | null = null;
  try {
    const { globals, rest } = splitGlobals(argv);
    json = globals.json;
    const commands = commandsOf(agentContract as Contract);
    if (globals.version) {
      await terminal.out(json ? `${toJson({ version: around.version })}\n` : `${around.version}\n`);
      return exitCodes.ok;
    }
    const help = async (text: string, asked: boolean): Promise<number> => {
      if (!json) await terminal.out(text);
      else if (asked) await terminal.out(`${toJson({ help: text })}\n`);
      else throw new UsageError('There is a command missing. See: hypha --help');
      return asked ? exitCodes.ok : exitCodes.usage;
    };
    const [first, second, ...others] = rest;
    if (first === undefined || first === 'help') return await help(helpTop(commands), first === 'help' || globals.help);
    const home = resolveHome({
      asked: globals.home,
      env: around.env,
      platform: process.platform,
      homedir: homedir(),
      cwd: around.cwd,
      path,
    });
    session = openSession(home, around.pid);
    const special = specialCommands.find((c) => c.name === first);
    if (special) {
      if (globals.help) return await help(`hypha ${special.name}\n\n${special.about}\n`, true);
      if (second !== undefined) throw new UsageError(`hypha ${special.name} takes no words.`);
      await runSpecial(special.name, { home, json, directory: around.directory, session, terminal });
      return exitCodes.ok;
    }

    const { verb, words } = joinVerb(commands, first, second, others);
    const found = findCommand(commands, first, verb);
    if (found.kind === 'unknown') {
      const near = found.near.length > 0 ? ` Did you mean: ${found.near.map((n) => `hypha ${n}`).join(', ')}?` : '';
      throw new UsageError(`There is no command "${found.word}".${near} See: hypha --help`);
    }
    if (found.kind === 'domain') return await help(helpDomain(found.domain, commands), globals.help);
    const { command } = found;
    if (globals.help) return await help(helpCommand(command), true);
    const input = await inputOf(command, words, session, around);
    return await runCall(command, input, session, terminal, { json, detach: globals.detach, signal });
  } catch (error) {
    // Who pressed Ctrl-C knows that it was cancelled.
    const interrupted = signal.aborted && isFail(error, 'CANCELLED');
    if (!interrupted || json) await say(error, json, terminal);
    return signal.aborted ? exitCodes.interrupted : exitCodeOf(error);
  } finally {
    session?.close();
  }
}

async function inputOf(
  command: Command,
  words: readonly string[],
  session: CliSession,
  { terminal, cwd }: Surroundings,
): Promise<Record<string, unknown>> {
  const { method, spec, withheld } = command;
  if (withheld !== null) throw new UsageError(`${method} is not offered on the command line: ${withheld}`);
  const all = fieldsOf(spec);
  const creating = method === 'identity.create';
  // The draft and the answers are made and asked for here.
  const fields = creating ? all.filter((f) => f.key !== 'draft' && f.key !== 'answers') : all;
  const { input, files, extra } = parseWords(fields, spec.positional ?? [], words, extraFlags[method]);
  await readFiles(files, input, terminal);
  resolvePaths(method, input, cwd);
  await completeInput(method, input, session.calls);
  // What is missing or wrong is said before any secret is asked for.
  validate(command, fields, input, true);
  if (creating) await draftIdentity(input, extra['words-to'], await session.person(), terminal, cwd);
  await askSecrets(command, fields, input, terminal);
  validate(command, all, input, false);
  return input;
}

/** @throws UsageError naming flags, not schema paths. */
function validate(
  { spec, domain, verb }: Command,
  fields: readonly Field[],
  input: Record<string, unknown>,
  secretsLater: boolean,
): void {
  const parsed = spec.input.safeParse(input, { error: plainWords });
  if (parsed.success) return;
  const hidden = new Set((spec.secret ?? []) as readonly string[]);
  const lines: string[] = [];
  for (const issue of parsed.error.issues as { path: PropertyKey[]; message: string }[]) {
    const key = String(issue.path[0] ?? '');
    if (secretsLater && hidden.has(key)) continue;
    const field = fields.find((f) => f.key === key);
    const name = field ? (spec.positional?.includes(key) ? key : `--${field.flag}`) : key;
    if (field && !(key in input)) lines.push(`${name} is missing.`);
    else lines.push(`${name ? `${name}: ` : ''}${issue.message}`);
  }
  if (lines.length > 0) throw new UsageError(`${lines.join('\n')}\nSee: hypha ${domain} ${verb} --help`);
}

/** What went wrong, in words on stderr; with --json also as the one value on stdout. */
async function say(error: unknown, json: boolean, terminal: Terminal): Promise<void> {
  const failure = isFail(error)
    ? error.toFailure()
    : new Fail({
        code: error instanceof UsageError ? 'USAGE' : 'INTERNAL',
        message: error instanceof Error ? error.message : String(error),
      }).toFailure();
  if (json) await terminal.out(`${toJson({ error: failure })}\n`);
  for (const line of [failure.message, failure.meaning, failure.next]) {
    if (line !== undefined) terminal.err(`hypha: ${clean(line)}\n`);
  }
}
