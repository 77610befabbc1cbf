import { decodeFrame, encodeFrame } from '../codec.ts';
import { isFail } from '../fail.ts';
import { defaultLimits } from '../frames.ts';
import { Inbox, type Transport } from '../transport.ts';

/** What a browser's WebSocket and one of the `ws` package have in common. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

const connecting = 0;
const open = 1;

/** A transport over a WebSocket, one binary message a frame. May be made before the socket is open. */
export function webSocketTransport(socket: WebSocketLike, limit: number = defaultLimits.frame): Transport {
  const inbox = new Inbox();
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  let closing = false;
  socket.binaryType = 'arraybuffer';

  const flush = () => {
    const due = waiting;
    waiting = [];
    waitingBytes = 0;
    for (const bytes of due) socket.send(bytes);
    if (closing) socket.close(1000);
  };
  const refuse = (code: number, reason: string) => {
    inbox.end(reason);
    socket.close(code, reason);
  };
  socket.addEventListener('open', flush);
  socket.addEventListener('error', () => {}); // the close event that follows says the same
  socket.addEventListener('close', (event) => {
    const orderly = event.code === 1000 || event.code === 1001 || event.code === 1005;
    inbox.end(orderly ? null : event.reason || `the connection broke (${event.code})`);
  });
  socket.addEventListener('message', (event) => {
    if (inbox.ended) return;
    if (!(event.data instanceof ArrayBuffer)) return refuse(1003, 'a message that is not binary arrived');
    let frame: unknown;
    try {
      frame = decodeFrame(new Uint8Array(event.data), limit);
    } catch (error) {
      return refuse(isFail(error, 'TOO_LARGE') ? 1009 : 1007, 'a message that is no frame arrived');
    }
    inbox.frame(frame);
  });

  return {
    get buffered() {
      return waitingBytes + socket.bufferedAmount;
    },
    send(frame) {
      if (inbox.ended) return;
      const bytes = encodeFrame(frame, limit);
      if (socket.readyState === open) socket.send(bytes);
      else if (socket.readyState === connecting) {
        waiting.push(bytes);
        waitingBytes += bytes.length;
      }
    },
    listen: (handlers) => inbox.listen(handlers),
    close() {
      if (inbox.ended) return;
      inbox.end(null);
      closing = true;
      if (socket.readyState === open) socket.close(1000);
    },
  };
}
