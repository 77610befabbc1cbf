import type { Task } from '#shared/contract/tasks.ts';
import { formatBytes } from './render.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, oneLine } from './text.ts';

/** Shows a task's progress on stderr: one line rewritten on a terminal, a line for each step elsewhere. */
export function createProgress(terminal: Terminal): { show(task: Task): void; end(): void } {
  let lastStep = '';
  let lastLine = '';
  return {
    show(task) {
      if (!task.step) return;
      const line = progressLine(task);
      if (terminal.rewritable) {
        if (line === lastLine) return;
        lastLine = line;
        // Carriage return and "erase to end of line" (ECMA-48 EL).
        terminal.err(`\r${cutTo(line, Math.max(20, terminal.columns - 1))}\x1b[K`);
      } else if (task.step.key !== lastStep) {
        lastStep = task.step.key;
        terminal.err(`${oneLine(task.step.text)}\n`);
      }
    },
    end() {
      if (terminal.rewritable && lastLine !== '') terminal.err('\r\x1b[K');
    },
  };
}

export function progressLine({ step, progress }: Task): string {
  const words = oneLine(step?.text ?? '');
  if (!progress || (progress.total === null && progress.done === 0)) return words;
  const show = (n: number) => (progress.unit === 'bytes' ? formatBytes(n) : String(Math.round(n)));
  const parts = [progress.total === null ? show(progress.done) : `${show(progress.done)} of ${show(progress.total)}`];
  if (progress.total) parts.push(`${Math.floor((100 * progress.done) / progress.total)} %`);
  if (progress.rate !== null && progress.unit === 'bytes') parts.push(`${formatBytes(progress.rate)}/s`);
  return `${words}: ${parts.join(', ')}`;
}
