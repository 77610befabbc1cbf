import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface AskSystem {
  /** The program is ended by force after this long; PowerShell alone may take seconds to start. */
  readonly withinMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program of the system prints (ps, sysctl, PowerShell). Rejects when it fails, prints far too much, or is too slow. */
export async function askSystem(program: string, args: readonly string[], how: AskSystem = {}): Promise<string> {
  const { stdout } = await run(program, [...args], {
    timeout: how.withinMs ?? 20_000,
    killSignal: 'SIGKILL',
    maxBuffer: 16 * 1024 * 1024,
    windowsHide: true,
    ...(how.env === undefined ? {} : { env: how.env }),
  });
  return stdout;
}
