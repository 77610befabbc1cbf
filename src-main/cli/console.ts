import { isFail } from '#shared/rpc/fail.ts';
import type { LocalConnection } from '../local/local-client.ts';
import { createHarmless, putBack } from './harmless.ts';
import type { Terminal } from './terminal.ts';

/** Ctrl-], as in telnet: a key that hardly any program in the machine wants. */
const leaveKey = 0x1d;
/** Bytes typed ahead of a machine that does not take them; beyond that keys are dropped. */
const maxAhead = 64 * 1024;

/** A machine's serial console on this terminal: what it prints is shown, what is typed goes to it, until Ctrl-]. */
export async function typeOnConsole(
  connection: LocalConnection,
  input: { machine: string; from?: number },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { machine } = input;
  const leave = new AbortController();
  const either = AbortSignal.any([signal, leave.signal]);
  let ahead = new Uint8Array();
  let sending = false;
  let refused: unknown = null;
  const harmless = createHarmless();

  // One call at a time keeps the keys in order; what is typed meanwhile goes with the next.
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      while (ahead.length > 0) {
        const bytes = ahead;
        ahead = new Uint8Array();
        await connection.client['machines.type']({ machine, bytes }, { signal: either });
      }
    } catch (error) {
      refused ??= error;
      leave.abort();
    } finally {
      sending = false;
    }
  };
  terminal.err(`Console of ${machine}. Ctrl-] leaves it; the machine goes on.\n`);
  const stop = terminal.keys((bytes) => {
    if (bytes.includes(leaveKey)) return leave.abort();
    if (ahead.length + bytes.length > maxAhead) return;
    const joined = new Uint8Array(ahead.length + bytes.length);
    joined.set(ahead);
    joined.set(bytes, ahead.length);
    ahead = joined;
    void send();
  });
  try {
    for await (const { bytes } of connection.client['machines.console'](input, { signal: either })) {
      await terminal.out(harmless(bytes));
    }
  } catch (error) {
    if (refused !== null && !isFail(refused, 'CANCELLED')) throw refused;
    if (!leave.signal.aborted) throw error;
  } finally {
    stop();
    await terminal.out(putBack);
    terminal.err('\n');
  }
}
