import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** The program of its package for this system; null where there is none. */
export function anvilPath(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json');
    const path = join(dirname(manifest), 'bin', 'anvil');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

export interface Anvil {
  readonly url: string;
  ask(method: string, params?: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** A chain of another make on a free port of loopback, with no accounts and no fees. @param mines a block for each transaction; else only when asked */
export async function startAnvil(
  path: string,
  chainId: bigint,
  args: readonly string[] = [],
  mines = false,
): Promise<Anvil> {
  const fixed = [
    '--port',
    '0',
    '--accounts',
    '0',
    '--hardfork',
    'cancun',
    '--base-fee',
    '0',
    '--gas-price',
    '0',
    '--disable-default-create2-deployer',
  ];
  const running: ChildProcess = spawn(
    path,
    [...fixed, '--chain-id', String(chainId), ...(mines ? [] : ['--no-mining']), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  if (running.stdout === null) throw new Error('anvil has no output');
  let url = '';
  for await (const line of createInterface(running.stdout)) {
    const said = /Listening on (\S+)/.exec(line)?.[1];
    if (said === undefined) continue;
    url = `http://${said}`;
    break;
  }
  running.stdout.resume();
  return {
    url,
    async ask(method, params = []) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    async stop() {
      running.kill('SIGTERM');
      await ended;
    },
  };
}
