import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { secretFields } from '#core/diagnostics/redact.ts';
import type { Logger } from '#core/host.ts';
import { makeDirectorySync } from '#core/store/make-directory.ts';

export interface LogOptions {
  /** Directory, made when missing. */
  readonly directory: string;
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  /** Bytes after which a new file begins. */
  readonly maxBytes?: number;
  /** Files kept, the one being written included. */
  readonly files?: number;
}

/**
 * JSON lines in `agent.log`; `agent.1.log` is the one before, and so on. Values of secret fields are cut out before a
 * line is made, at the top and two levels down.
 */
export function openLog(options: LogOptions): Logger {
  const { directory, level = 'info', maxBytes = 4 * 1024 * 1024, files = 4 } = options;
  makeDirectorySync(directory);
  const file = (n: number) => join(directory, n === 0 ? 'agent.log' : `agent.${n}.log`);
  let size = statSync(file(0), { throwIfNoEntry: false })?.size ?? 0;
  const rotate = () => {
    rmSync(file(files - 1), { force: true });
    for (let n = files - 2; n >= 0; n -= 1) {
      try {
        renameSync(file(n), file(n + 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    size = 0;
  };
  const sink = {
    write(line: string) {
      try {
        const bytes = Buffer.byteLength(line);
        if (size > 0 && size + bytes > maxBytes) rotate();
        appendFileSync(file(0), line, { mode: 0o600 });
        size += bytes;
      } catch {
        // A full disk must not stop the agent because of its log.
      }
    },
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '(secret)',
      },
    },
    sink,
  );
}
