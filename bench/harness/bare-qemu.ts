import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { end } from '../../e2e/harness/program.ts';
import { timed } from './clock.ts';

/** A QEMU that the agent started: its command line and a copy of the files it was given. */
export interface Recorded {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Copy a running machine's QEMU for later: the very arguments, pointed at copies of its directories.
 *
 * @param moves each directory of the agent's that the arguments name, and where its copy goes.
 */
export async function record(pid: number, moves: ReadonlyMap<string, string>): Promise<Recorded> {
  const [program, ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  if (program === undefined) throw new Error(`The process ${pid} has no command line.`);
  for (const [from, to] of moves) {
    // Sockets and the pid file are made anew by QEMU.
    await cp(from, to, { recursive: true, filter: async (file) => !/\.(sock|pid)$/.test(file) });
  }
  const moved = args.map((arg) => [...moves].reduce((text, [from, to]) => text.replaceAll(from, to), arg));
  return { program, args: moved };
}

/** Seconds from starting QEMU by itself to `prompt` on its serial console. */
export async function bootBare(recorded: Recorded, prompt: RegExp): Promise<number> {
  const serial = recorded.args
    .map((arg) => /^socket,id=serial,path=([^,]+)/.exec(arg)?.[1])
    .find((one) => one !== undefined);
  if (serial === undefined) throw new Error('The machine has no serial console on a socket.');
  await mkdir(path.dirname(serial), { recursive: true });
  let stop = async () => {};
  try {
    const { seconds } = await timed(async () => {
      const child = spawn(recorded.program, recorded.args, { stdio: ['ignore', 'ignore', 'inherit'] });
      stop = () => end(child, 'SIGKILL');
      const died = once(child, 'exit').then(([code]) => {
        throw new Error(`QEMU ended with ${code}.`);
      });
      died.catch(() => {});
      await Promise.race([seen(serial, prompt), died]);
    });
    return seconds;
  } finally {
    await stop();
  }
}

async function seen(socketPath: string, prompt: RegExp): Promise<void> {
  const socket = await reach(socketPath);
  try {
    let text = '';
    for await (const bytes of socket) {
      text += String(bytes);
      if (prompt.test(text)) return;
    }
    throw new Error('The console ended before the prompt.');
  } finally {
    socket.destroy();
  }
}

/** QEMU makes its sockets a moment after it starts, and says so nowhere: asked again until it is there. */
async function reach(socketPath: string): Promise<Socket> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const socket = connect(socketPath);
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (open) return socket;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`QEMU did not open ${socketPath}.`);
}
