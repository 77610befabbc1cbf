import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Field } from './fields.ts';
import type { Command } from './grammar.ts';
import { type FromFile, parseFile } from './parse.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage.ts';

/** Inputs that are paths of this computer: relative ones mean the directory the command was typed in, not the agent's. */
export const pathInputs: Readonly<Record<string, readonly string[]>> = {
  'vault.setup': ['paths'],
  'vault.put': ['paths'],
  'vault.export': ['to'],
  'vault.exportAge': ['to'],
  'vault.exportShared': ['to'],
  'vault.addPlace': ['path'],
  'vault.testPlace': ['path'],
  'vault.changePlace': ['path'],
  'vault.watch': ['directory'],
  'vault.giveRoom': ['directory'],
  'vault.lend': ['directory'],
  'vault.importZstor': ['config'],
  'vault.exportZstor': ['config'],
  'system.useQemu': ['path'],
};

export function resolvePaths(method: string, input: Record<string, unknown>, cwd: string): void {
  for (const key of pathInputs[method] ?? []) {
    const value = input[key];
    const full = (path: string): string => {
      // An unset variable in a script, most often; resolved, it would mean the whole directory one stands in.
      if (path === '') throw new UsageError(`${key.toUpperCase()} is empty. Type a path; . is this directory.`);
      return resolve(cwd, path);
    };
    if (typeof value === 'string') input[key] = full(value);
    else if (Array.isArray(value)) input[key] = value.map(full);
  }
}

export async function readFiles(
  files: readonly FromFile[],
  input: Record<string, unknown>,
  terminal: Terminal,
): Promise<void> {
  if (files.filter((file) => file.path === '-').length > 1) {
    throw new UsageError('Standard input can be read for one option only.');
  }
  for (const { field, path } of files) input[field.key] = parseFile(field, await readInput(path, terminal));
}

export async function readInput(path: string, terminal: Terminal): Promise<Uint8Array> {
  if (path === '-') return terminal.readAll();
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Secrets that this command sets anew: typed twice. */
const setsAnew = new Set(['identity.create', 'identity.restore', 'shares.restore', 'identity.changePassphrase']);

/** What opens a place of the kind that is added or tested, as far as it was not given. */
function secretsOfPlace(method: string, input: Record<string, unknown>): { key: string; optional: boolean }[] {
  if (method !== 'vault.addPlace' && method !== 'vault.testPlace') return [];
  switch (input['kind']) {
    case 's3':
      return [{ key: 'secretKey', optional: false }];
    case 'sftp':
      return 'privateKey' in input ? [] : [{ key: 'password', optional: false }];
    case 'redis':
    case 'zdb':
      return [{ key: 'password', optional: true }];
    default:
      return [];
  }
}

/** Ask for the secrets that were not given by file. */
export async function askSecrets(
  command: Command,
  fields: readonly Field[],
  input: Record<string, unknown>,
  terminal: Terminal,
): Promise<void> {
  const opens = secretsOfPlace(command.method, input);
  for (const field of fields) {
    const asked = field.required || opens.some(({ key }) => key === field.key);
    if (!field.secret || !asked || field.key in input) continue;
    if (opens.find(({ key }) => key === field.key)?.optional) {
      // Most servers want one; those that do not are as good.
      if (!terminal.interactive) continue;
      const typed = await terminal.ask(`${capital(words(field))} (leave empty for none): `, { hidden: true });
      if (typed !== '') input[field.key] = typed;
      continue;
    }
    if (field.kind === 'bytes')
      throw new UsageError(`Give the bytes with --${field.flag}-file FILE (- for standard input).`);
    if (!terminal.interactive) {
      throw new UsageError(
        `There is no terminal to ask for ${words(field)}. Use --${field.flag}-file FILE (- for standard input).`,
      );
    }
    if (field.key === 'shares') input[field.key] = await askShares(terminal);
    else if (field.key === 'answers') input[field.key] = await askWords(terminal);
    else if (field.key === 'passphrase') {
      input[field.key] = await askPassphrase(terminal, setsAnew.has(command.method));
    } else if (field.key === 'filePassphrase') {
      input[field.key] = await askPassphrase(terminal, true);
    } else {
      const typed = await terminal.ask(`${capital(words(field))}: `, { hidden: true });
      input[field.key] = parseFile(field, new TextEncoder().encode(typed.trim()));
    }
  }
}

export async function askPassphrase(terminal: Terminal, anew: boolean): Promise<string> {
  for (;;) {
    const first = await terminal.ask(anew ? 'New passphrase: ' : 'Passphrase: ', { hidden: true });
    if (!anew) return first;
    if (first.length < 8) {
      terminal.err('Use at least 8 characters.\n');
      continue;
    }
    const again = await terminal.ask('Once more: ', { hidden: true });
    if (first === again) return first;
    terminal.err('The two are not the same. Try again.\n');
  }
}

/** One share after the other, each on a line of its own. */
async function askShares(terminal: Terminal): Promise<string[]> {
  const shares: string[] = [];
  for (;;) {
    const typed = await terminal.ask(`Share ${shares.length + 1} (Enter alone when there are no more): `, {
      hidden: true,
    });
    if (typed.trim() === '') return shares;
    shares.push(typed.trim());
  }
}

/** Three words of the phrase, by positions the person chooses to be asked here: the first, middle and last are as good as any. */
async function askWords(terminal: Terminal): Promise<{ index: number; word: string }[]> {
  const answers: { index: number; word: string }[] = [];
  for (const index of [3, 11, 20]) answers.push({ index, word: await terminal.ask(`Word number ${index + 1}: `) });
  return answers;
}

function words(field: Field): string {
  return field.key === 'current'
    ? 'the present passphrase'
    : field.key === 'words'
      ? 'the 24 words'
      : `the ${field.key === 'secretKey' ? 'secret key' : field.key}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
