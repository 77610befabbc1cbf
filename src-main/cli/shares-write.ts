import type { ShareProgress } from '#shared/contract/shares.ts';
import type { LocalConnection } from '../local/local-client.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';

/** After `shares.make`: each share is shown, written down, checked by three of its words, and gone from the screen. */
export async function writeSharesDown(
  { client }: LocalConnection,
  made: ShareProgress,
  terminal: Terminal,
): Promise<void> {
  const { set, count, threshold } = made;
  for (let number = made.next; number !== null; ) {
    const { words, check } = await client['shares.show']({ set, number });
    terminal.err(shareText(words, number, count));
    await terminal.ask('Write it on a paper of its own, then press Enter: ');
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
    ({ next: number } = await client['shares.written']({ set, number, answers }));
  }
  await terminal.out(`All ${count} shares are written down; any ${threshold} of them give your words back.\n`);
}

function shareText(words: readonly string[], number: number, count: number): string {
  const cells = words.map((word, i) => `${String(i + 1).padStart(2)}. ${oneLine(word).padEnd(10)}`);
  const rows = Array.from({ length: Math.ceil(cells.length / 3) }, (_, row) =>
    cells.slice(row * 3, row * 3 + 3).join('  '),
  );
  return ['', `Share ${number} of ${count}. It is shown this once.`, '', ...rows, '', ''].join('\n');
}
