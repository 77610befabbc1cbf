import { open } from 'node:fs/promises';
import type { Host, Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { ImageStore } from './images/image-store.ts';
import type { MachineStore } from './machine-store.ts';
import type { GuestNetwork } from './network/guest-network.ts';
import { knowsStream } from './network/mesh.ts';
import type { OpeningWords } from './ports.ts';
import type { Qemu } from './qemu/capability.ts';
import type { Verdict } from './qemu/probe-accelerator.ts';

/** What all machines of one agent share. */
export interface MachineContext {
  readonly host: Host;
  readonly log: Logger;
  readonly store: MachineStore;
  readonly images: ImageStore;
  readonly network: GuestNetwork;
  readonly openings: OpeningWords;
  readonly runDir: string;
  readonly bootId: string;
  readonly serialSilenceMs: number;
  /** QEMU, or a NO_QEMU failure with the command that installs it. */
  qemu(): Promise<Qemu>;
  /** The accelerator as far as it is known by now; never waits long. */
  accelerator(): Verdict | null;
  /** An accelerator that passed the probe did not run a machine: use emulation from now on. */
  distrust(detail: string): void;
  /** Tell clients that this machine changed. */
  changed(id: string): void;
  probe(point: string): void;
}

/** Whether a machine that is started now gets a card for the mesh. */
export async function offersMesh({ network, qemu }: MachineContext, id: string): Promise<boolean> {
  return network.offersMesh(id) && knowsStream((await qemu()).version);
}

/** A guest can make QEMU say much: only the end of its messages is read. */
const tailBytes = 16 * 1024;

/** The last lines of a text file, for showing in a failure. '' when there is none. */
export async function lastLines(file: string, lines = 8): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const from = Math.max(0, (await handle.stat()).size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, from);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n').slice(-2_000);
  } catch {
    return '';
  } finally {
    await handle.close();
  }
}

export const wasDeleted = (name: string) =>
  fail('NOT_FOUND', `The machine ${name} was deleted.`, { next: 'Look at the list of machines.' });

export const wrongState = (name: string, state: string, wanted: string) =>
  fail('WRONG_STATE', `The machine ${name} is ${state}; this needs it ${wanted}.`, {
    next: 'Look at the machine’s state and try again.',
  });

/** A QEMU that ended before it could be controlled, with its own last words. */
export async function diedAtStart(what: string, qemuLog: string) {
  const said = await lastLines(qemuLog);
  return fail('DIED_AT_START', said === '' ? what : `${what} It said: ${said}`, {
    meaning: 'The machine is not running. Its disk, if it has one, is as it was.',
    next: 'Check the size you asked for and this computer’s free memory, then start it again.',
    data: { stderr: said },
  });
}
