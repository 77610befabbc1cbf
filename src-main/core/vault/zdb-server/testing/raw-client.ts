import { connect, type Socket } from 'node:net';

/** A client that shows replies as the bytes they are; waits ten seconds at most for each. */
export interface RawClient {
  /** Send one request and take its reply. */
  ask(...words: readonly (string | Uint8Array)[]): Promise<Buffer>;
  /** The reply as text, line ends as `|`. */
  say(...words: readonly (string | Uint8Array)[]): Promise<string>;
  /** Send bytes as they are. */
  send(bytes: Uint8Array | string): void;
  /** The next reply. Rejects when the server hangs up first. */
  reply(): Promise<Buffer>;
  /** Resolves when the server has hung up. */
  readonly ended: Promise<void>;
  readonly socket: Socket;
  close(): void;
}

const deadline = 10_000;

export function request(...words: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/** Where the reply that begins at `at` ends; null while it is not all there. */
function replyEnd(bytes: Buffer, at: number): number | null {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return null;
  const kind = bytes.toString('latin1', at, at + 1);
  const number = Number(bytes.toString('latin1', at + 1, line));
  if (kind === '$') {
    const end = number < 0 ? line + 2 : line + 2 + number + 2;
    return end <= bytes.length ? end : null;
  }
  let end: number | null = line + 2;
  if (kind === '*') for (let i = 0; i < number && end !== null; i++) end = replyEnd(bytes, end);
  return end;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1' });
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 0;
  let wake = (): void => {};
  let over = false;
  socket.on('data', (chunk) => {
    chunks.push(chunk as Buffer);
    size += chunk.length;
    if (size >= needed) wake();
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      wake();
      resolve();
    };
    socket.on('end', end);
    socket.on('close', end);
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const take = async (): Promise<Buffer> => {
    const until = AbortSignal.timeout(deadline);
    for (;;) {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      chunks = [bytes];
      const end = bytes.length === 0 ? null : replyEnd(bytes, 0);
      if (end !== null) {
        chunks = [bytes.subarray(end)];
        size = bytes.length - end;
        needed = 0;
        return bytes.subarray(0, end);
      }
      // A large reply is not looked at again for every piece of it.
      const head = /^\$(\d+)\r\n/.exec(bytes.toString('latin1', 0, 20));
      needed = head === null ? size + 1 : head[0].length + Number(head[1]) + 2;
      if (over) throw new Error('the server hung up');
      if (until.aborted) throw new Error('no reply');
      await new Promise<void>((resolve) => {
        wake = resolve;
        until.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const reply = (): Promise<Buffer> => {
    const next = last.then(take);
    last = next.catch(() => {});
    return next;
  };
  const ask = (...words: readonly (string | Uint8Array)[]): Promise<Buffer> => {
    socket.write(request(...words));
    return reply();
  };
  return {
    ask,
    say: async (...words) => (await ask(...words)).toString('latin1').replaceAll('\r\n', '|'),
    send: (bytes) => void socket.write(bytes),
    reply,
    ended,
    socket,
    close: () => socket.destroy(),
  };
}
