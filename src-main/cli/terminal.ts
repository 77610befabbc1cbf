import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { fail } from '#shared/rpc/fail.ts';

/** The terminal, or what stands in its place. Results go to `out`; everything said to a person goes to `err`. */
export interface Terminal {
  /** A person can be asked: both the keyboard and the screen are a terminal. */
  readonly interactive: boolean;
  /** Progress may rewrite its line. */
  readonly rewritable: boolean;
  readonly columns: number;
  /** Columns of what results are shown on; null where they go to a file or another program, which no width limits. */
  readonly outColumns: number | null;
  out(data: string | Uint8Array): Promise<void>;
  err(text: string): void;
  /** Ask for a line; `hidden` shows nothing of what is typed. Rejects with CANCELLED on Ctrl-C or end of input. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string>;
  /** Hand over every key as it is typed, unechoed, Ctrl-C too; returns how to stop. For terminals only. */
  keys(typed: (bytes: Uint8Array) => void): () => void;
  /** Everything on standard input. */
  readAll(): Promise<Uint8Array>;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    interactive: Boolean(stdin.isTTY && stderr.isTTY),
    rewritable: Boolean(stderr.isTTY),
    // A terminal that does not know its width says 0.
    columns: stderr.columns || 80,
    outColumns: stdout.isTTY ? stdout.columns || 80 : null,
    // Done when the system has it: the process may end right after.
    out: (data) => new Promise((resolve, reject) => stdout.write(data, (error) => (error ? reject(error) : resolve()))),
    err(text) {
      stderr.write(text);
    },
    async ask(question, { hidden = false } = {}) {
      const gone = new AbortController();
      // With `terminal` readline echoes what it reads to its output itself; a secret is echoed into nothing.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: hidden ? nowhere : stderr, terminal: true });
      lines.on('SIGINT', () => gone.abort());
      lines.on('close', () => gone.abort());
      try {
        if (hidden) stderr.write(question);
        return await lines.question(hidden ? '' : question, { signal: gone.signal });
      } catch (error) {
        if (gone.signal.aborted) throw fail('CANCELLED', 'It was cancelled.', { meaning: 'Nothing was done.' });
        throw error;
      } finally {
        lines.close();
        if (hidden) stderr.write('\n');
      }
    },
    keys(typed) {
      const take = (chunk: Buffer) => typed(Uint8Array.from(chunk));
      stdin.setRawMode(true);
      stdin.on('data', take);
      stdin.resume();
      return () => {
        stdin.off('data', take);
        stdin.setRawMode(false);
        stdin.pause();
      };
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}
