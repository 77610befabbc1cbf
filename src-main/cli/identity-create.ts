import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LocalConnection } from '../local/local-client.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';
import { UsageError } from './usage.ts';

/**
 * Completes the input of `identity.create`: makes a phrase, lets the person write it down, asks three of its words. With
 * `--words-to FILE` the phrase goes to a new file only its owner can read, and the words are not asked: then the
 * interface goes on reminding to confirm them.
 */
export async function draftIdentity(
  input: Record<string, unknown>,
  wordsTo: string | undefined,
  person: LocalConnection,
  terminal: Terminal,
  cwd: string,
): Promise<void> {
  if (wordsTo === undefined && !terminal.interactive) {
    throw new UsageError(
      'There is no terminal to show the recovery phrase on. Use --words-to FILE to write it to a file, and keep that file safe.',
    );
  }
  const { draft, words, check } = await person.client['identity.draft']({});
  input.draft = draft;
  if (wordsTo !== undefined) {
    const path = resolve(cwd, wordsTo);
    try {
      // `wx`: never over something that is there.
      await writeFile(path, `${words.join(' ')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new UsageError(`The phrase cannot be written to ${path}: ${(error as Error).message}`);
    }
    terminal.err(`The recovery phrase is in ${path}. Who has it has everything; move it to a safe place.\n`);
    return;
  }
  terminal.err(phraseText(words));
  await terminal.ask('Write the words down on paper, then press Enter: ');
  // Clear the screen and what it scrolled away (ECMA-48 ED 2, and 3 as xterm has it).
  terminal.err('\x1b[2J\x1b[3J\x1b[H');
  const answers: { index: number; word: string }[] = [];
  for (const index of check) {
    for (;;) {
      const word = (await terminal.ask(`Word number ${index + 1}: `)).trim().toLowerCase();
      if (word === words[index]) {
        answers.push({ index, word });
        break;
      }
      terminal.err('That is not the word. Look at your paper again.\n');
    }
  }
  input.answers = answers;
}

function phraseText(words: readonly string[]): string {
  const cells = words.map((word, i) => `${String(i + 1).padStart(2)}. ${oneLine(word).padEnd(10)}`);
  const rows = Array.from({ length: 6 }, (_, row) => cells.slice(row * 4, row * 4 + 4).join('  '));
  return [
    '',
    'Your recovery phrase. It is the only way back to your files when this computer is lost,',
    'and whoever has it has everything that is yours.',
    '',
    ...rows,
    '',
    '',
  ].join('\n');
}
