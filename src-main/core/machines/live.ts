import { z } from 'zod';
import type { Host } from '#core/host.ts';
import type { Console } from './console/console.ts';
import type { NetworkLink } from './network/guest-network.ts';
import { connectMachine, isAlive, type KnownProcess } from './qemu/launch.ts';
import type { Qmp } from './qemu/qmp.ts';

export interface MachineSize {
  readonly cpus: number;
  readonly memoryMiB: number;
}

const memorySchema = z.object({ 'base-memory': z.number() });

/** Ask QEMU for the machine's size; what it does not say is taken from `otherwise`. */
export async function sizeOf(qmp: Qmp, otherwise: MachineSize): Promise<MachineSize> {
  const memory = memorySchema.safeParse(await qmp.execute('query-memory-size-summary').catch(() => null));
  const cpus = z.array(z.unknown()).safeParse(await qmp.execute('query-cpus-fast').catch(() => null));
  return {
    cpus: cpus.success ? cpus.data.length : otherwise.cpus,
    memoryMiB: memory.success ? Math.round(memory.data['base-memory'] / 1024 ** 2) : otherwise.memoryMiB,
  };
}

/** A machine whose QEMU runs, as the agent holds it: control connection, network, and what has been heard from it. */
export interface Live {
  /** What QEMU was started with: a resize changes the record at once, the machine at its next start. */
  readonly size: MachineSize;
  readonly process: KnownProcess;
  qmp: Qmp;
  readonly link: NetworkLink;
  /** The agent is ending it on purpose. */
  ending: boolean;
  /** The guest switched itself off (QEMU waits, paused, for the agent to end it). */
  readonly poweredOff: Promise<void>;
  hasPoweredOff: boolean;
  /** The agent has let go of it on purpose; it goes on running. */
  released: boolean;
  /** QEMU holds the guest still, because its disk cannot be written. */
  stuck: boolean;
  /** QEMU has not answered for long: it hangs, or is very busy. */
  silent: boolean;
  /** The process is gone. */
  readonly gone: Promise<void>;
  hasGone: boolean;
}

export interface LiveOptions {
  readonly id: string;
  readonly uuid: string;
  readonly pipeKey: string;
  readonly runDir: string;
  readonly host: Host;
  readonly console: Console;
  readonly size: MachineSize;
  /** The guest paused or went on without the agent's doing (for example at a full disk). */
  readonly onPaused: (paused: boolean) => void;
}

/** Watch a connected machine: when its connection ends, find out whether it ended too, and connect again if not. */
export function watchLive(first: Qmp, known: KnownProcess, link: NetworkLink, options: LiveOptions): Live {
  const poweredOff = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const live: Live = {
    size: options.size,
    process: known,
    qmp: first,
    link,
    ending: false,
    poweredOff: poweredOff.promise,
    hasPoweredOff: false,
    released: false,
    stuck: false,
    silent: false,
    gone: gone.promise,
    hasGone: false,
  };

  const hear = (qmp: Qmp): void => {
    qmp.onEvent((event) => {
      if (event.name === 'SHUTDOWN' && event.data.guest === true) {
        live.hasPoweredOff = true;
        poweredOff.resolve();
      }
      if (event.name === 'STOP') options.onPaused(true);
      if (event.name === 'RESUME') options.onPaused(false);
    });
  };

  const follow = async (): Promise<void> => {
    for (;;) {
      await live.qmp.closed;
      if (live.released) return;
      const again = (await isAlive(known))
        ? await connectMachine(options.runDir, options, options.host, () => isAlive(known))
        : null;
      if (again === null) break;
      live.qmp = again;
      hear(again);
      // What happened between the two connections was told to nobody.
      const status = (await again.execute('query-status').catch(() => null)) as { status?: string } | null;
      if (status?.status === 'shutdown') {
        live.hasPoweredOff = true;
        poweredOff.resolve();
      }
    }
    // No connection and none to be had: a process that hangs is ended by whoever waits for `gone`.
    live.hasGone = true;
    gone.resolve();
  };

  hear(first);
  void follow();
  return live;
}
