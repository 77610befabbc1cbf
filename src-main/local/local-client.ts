import { connect as connectSocket } from 'node:net';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Role } from '#shared/rpc/frames.ts';
import { type Connection, connect } from '#shared/rpc/peer.ts';
import { byteStreamTransport } from '#shared/rpc/transports/byte-stream.ts';
import { type Pointer, readPointer } from './pointer.ts';

export type LocalConnection = Connection<typeof agentContract>;

/** How long an agent that has the socket open may take to say hello. */
const answerWithinMs = 10_000;

/**
 * Connect to the agent that runs on a data directory.
 *
 * @throws Fail NOT_RUNNING when there is none; DISCONNECTED when it does not answer in time; VERSION_MISMATCH and others as the agent says.
 */
export async function connectLocal(
  home: string,
  role: Role,
  withinMs = answerWithinMs,
): Promise<{ connection: LocalConnection; pointer: Pointer }> {
  const pointer = await readPointer(home);
  if (!pointer) throw notRunning(home);
  const socket = connectSocket(pointer.socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    // Nobody listens (left over after a crash), or there is no such socket.
    socket.once('error', () => reject(notRunning(home)));
  });
  const connection = await connect(byteStreamTransport(socket), {
    contract: agentContract,
    version: contractVersion,
    role,
    signal: AbortSignal.timeout(withinMs),
  }).catch((error: unknown) => {
    throw isFail(error, 'CANCELLED') ? silent(pointer.pid) : error;
  });
  return { connection, pointer };
}

function notRunning(home: string) {
  return fail('NOT_RUNNING', `No agent runs on ${home}.`, {
    next: 'Start it: hypha start (in the background), or npm start -- --headless.',
  });
}

function silent(pid: number) {
  return fail('DISCONNECTED', `The agent (process ${pid}) does not answer.`, {
    meaning: 'Nothing was done.',
    next: 'It may be very busy or stuck. Try again, or end that process: what was acknowledged is safe.',
  });
}
