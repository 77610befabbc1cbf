import { connect, type Socket } from 'node:net';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createQmpDecoder, type QmpMessage } from './qmp-decoder.ts';

/** A refusal by QEMU itself, as against a broken connection. */
export class QmpError extends Error {
  readonly class: string;
  constructor(command: string, errorClass: string, text: string) {
    super(`${command}: ${text}`);
    this.name = 'QmpError';
    this.class = errorClass;
  }
}

export type QmpEvent = Extract<QmpMessage, { kind: 'event' }>;

export interface Qmp {
  /**
   * Run a command. Rejects with {@link QmpError} when QEMU refuses, with a Fail when the connection is gone or the answer late. A late
   * answer is given up alone: ids are never used twice, and others may wait for theirs on this connection.
   */
  execute(command: string, args?: Record<string, unknown>, timeoutMs?: number): Promise<unknown>;
  /** Answers that were given up and have not come: QEMU is busy, for example with a snapshot's memory. */
  readonly overdue: number;
  /** The connection is gone. */
  readonly lost: boolean;
  /** Hear events from now on; returns how to stop. */
  onEvent(hear: (event: QmpEvent) => void): () => void;
  /** Settles when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  destroy(): void;
}

const gone = () =>
  fail('DISCONNECTED', 'The connection to the machine’s control socket ended.', {
    next: 'Look at the machine’s state.',
  });

/**
 * Connect to a QMP socket and negotiate. QEMU serves one client a socket: a second waits in the backlog without a greeting and
 * becomes the client when the first leaves. So a connection that is too slow is destroyed, never left waiting.
 */
export async function connectQmp(path: string, host: Host, timeoutMs = 5_000): Promise<Qmp> {
  const socket = connect(path);
  const { promise: closed, resolve: hasClosed } = Promise.withResolvers<void>();
  const { promise: greeted, resolve: greet, reject: refuse } = Promise.withResolvers<void>();
  socket.on('error', (error) => refuse(error));
  socket.on('close', () => {
    refuse(gone());
    hasClosed();
  });
  const cancel = host.setTimer(timeoutMs, () => {
    refuse(fail('DISCONNECTED', 'The machine’s control socket does not answer.'));
    socket.destroy();
  });
  const qmp = speak(socket, host, closed, greet);
  try {
    await greeted;
    await qmp.execute('qmp_capabilities', {}, timeoutMs);
    return qmp;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    cancel();
  }
}

function speak(socket: Socket, host: Host, closed: Promise<void>, greet: () => void): Qmp {
  const decoder = createQmpDecoder();
  const waiting = new Map<number, { command: string; answer(value: unknown): void; refuse(error: Error): void }>();
  const late = new Set<number>();
  const hearers = new Set<(event: QmpEvent) => void>();
  let nextId = 1;

  const take = (message: QmpMessage): void => {
    if (message.kind === 'greeting') {
      greet();
      return;
    }
    if (message.kind === 'event') {
      for (const hear of [...hearers]) hear(message);
      return;
    }
    if (typeof message.id === 'number') late.delete(message.id);
    const caller = typeof message.id === 'number' ? waiting.get(message.id) : undefined;
    if (caller === undefined) return;
    if (message.kind === 'answer') caller.answer(message.value);
    else caller.refuse(new QmpError(caller.command, message.class, message.text));
  };

  socket.on('data', (bytes: Buffer) => {
    try {
      for (const message of decoder.push(bytes)) take(message);
    } catch {
      socket.destroy();
    }
  });
  socket.on('close', () => {
    for (const caller of [...waiting.values()]) caller.refuse(gone());
  });

  return {
    closed,
    get lost() {
      return socket.destroyed;
    },
    get overdue() {
      return late.size;
    },
    destroy: () => void socket.destroy(),
    onEvent(hear) {
      hearers.add(hear);
      return () => void hearers.delete(hear);
    },
    execute(command, args = {}, timeoutMs = 10_000) {
      if (socket.destroyed) return Promise.reject(gone());
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const cancel = host.setTimer(timeoutMs, () => {
          late.add(id);
          waiting.get(id)?.refuse(fail('DISCONNECTED', `QEMU did not answer ${command} in time.`));
        });
        const end = (): void => {
          cancel();
          waiting.delete(id);
        };
        waiting.set(id, {
          command,
          answer(value) {
            end();
            resolve(value);
          },
          refuse(error) {
            end();
            reject(error);
          },
        });
        socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
      });
    },
  };
}
