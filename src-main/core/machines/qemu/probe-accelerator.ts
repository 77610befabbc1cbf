import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Host, Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { acceleratorSchema } from '#shared/contract/machines.ts';
import { readJson } from '../read-json.ts';
import { type Accelerator, acceleratorsOf } from './accelerators.ts';
import type { Qemu } from './capability.ts';
import type { Arch } from './locate.ts';

export interface Verdict {
  readonly accelerator: Accelerator;
  /** Why not a faster one; '' when it is the fastest. */
  readonly detail: string;
}

const keptSchema = z.object({
  key: z.string(),
  accelerator: acceleratorSchema,
  detail: z.string(),
});

export interface ProbeInput {
  readonly qemu: Qemu;
  readonly kernel: string;
  /** Hash of the kernel, from its manifest. */
  readonly kernelHash: string;
  readonly arch: Arch;
  readonly bootId: string;
  readonly cacheDir: string;
  readonly host: Host;
  readonly log: Logger;
  readonly refresh: boolean;
  readonly deadlineMs?: number;
  /** The run directory: a probe that a killed agent left behind is found by it and ended. */
  readonly runDir: string;
  readonly signal: AbortSignal;
}

/** What on a command line shows that a process is a probe of this run directory. */
export const probeMark = (runDir: string): string => join(runDir, 'probe.pid');

/**
 * Find the accelerator that really boots our kernel. A device file that opens, and even a small program that runs, prove
 * nothing: there are hosts where KVM initialises and every kernel hangs (compute.md 1.6). The verdict holds for one start of this
 * computer, one QEMU and one kernel, and is kept.
 */
export async function probeAccelerator(input: ProbeInput): Promise<Verdict> {
  const { qemu, bootId, cacheDir } = input;
  const key = [bootId, qemu.path, qemu.version, qemu.modified, input.kernelHash].join(' ');
  const file = join(cacheDir, 'accelerator.json');
  if (!input.refresh) {
    const kept = keptSchema.safeParse(await readJson(file));
    if (kept.success && kept.data.key === key) return kept.data;
  }
  const verdict = await choose(input);
  input.signal.throwIfAborted();
  await writeFileAtomic(file, JSON.stringify({ key, ...verdict }));
  input.log.info({ ...verdict }, 'accelerator chosen');
  return verdict;
}

const names: Record<Accelerator, string> = {
  kvm: 'KVM',
  hvf: 'Hypervisor.framework',
  whpx: 'Windows Hypervisor Platform',
  tcg: 'emulation',
};

async function choose(input: ProbeInput): Promise<Verdict> {
  const reasons: string[] = [];
  for (const accelerator of acceleratorsOf(process.platform)) {
    if (!input.qemu.accelerators.includes(accelerator)) {
      reasons.push(`This QEMU was built without ${names[accelerator]}.`);
      continue;
    }
    const outcome = await boots(input, accelerator);
    if (outcome === 'boots') return { accelerator, detail: '' };
    // QEMU's own last words are for the log; what they mean is said to the person.
    if (outcome !== 'silent') input.log.info({ accelerator, outcome }, 'accelerator refused');
    reasons.push(
      outcome === 'silent'
        ? `${names[accelerator]} is there, but a kernel started under it hangs.`
        : `${names[accelerator]} is there, but QEMU cannot start a machine with it on this computer.`,
    );
  }
  const detail = [...reasons, 'Machines run by emulation, which is several times slower.'].join(' ');
  return { accelerator: 'tcg', detail };
}

/** Boot the kernel and wait for its first line on the serial port. */
async function boots(input: ProbeInput, accelerator: Accelerator): Promise<'boots' | 'silent' | (string & {})> {
  const arm = input.arch === 'arm64';
  const child = spawn(
    input.qemu.path,
    [
      ...[
        '-machine',
        arm ? 'virt' : 'q35',
        '-accel',
        accelerator,
        '-cpu',
        accelerator === 'whpx' ? 'max,-vmx' : 'host',
      ],
      ...['-m', '128M', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
      ...['-pidfile', probeMark(input.runDir)],
      ...['-kernel', input.kernel, '-append', `console=${arm ? 'ttyAMA0' : 'ttyS0'} earlyprintk=ttyS0 panic=-1`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  let errors = '';
  const { promise, resolve } = Promise.withResolvers<'boots' | 'silent' | (string & {})>();
  const cancel = input.host.setTimer(input.deadlineMs ?? 8_000, () => resolve('silent'));
  child.stdout.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('latin1')).slice(-4_096);
    if (said.includes('Linux version')) resolve('boots');
  });
  child.stderr.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString('utf8')).slice(-2_048);
  });
  child.on('error', (error) => resolve(error.message));
  child.on('close', () => resolve(errors.trim().split('\n').at(-1) || 'it ended at once.'));
  const abort = (): void => {
    child.kill('SIGKILL');
    resolve('silent');
  };
  input.signal.addEventListener('abort', abort);
  try {
    if (input.signal.aborted) abort();
    return await promise;
  } finally {
    cancel();
    input.signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    await rm(probeMark(input.runDir), { force: true });
  }
}
