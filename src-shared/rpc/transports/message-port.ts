import { isFail } from '../fail.ts';
import { defaultLimits } from '../frames.ts';
import { portable } from '../portable.ts';
import { Inbox, type Transport } from '../transport.ts';

/** DOM `MessagePort` and Node's worker `MessagePort`. */
export interface DomPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  start?(): void;
  close(): void;
}

/** Electron's `MessagePortMain`. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Sent before a port is closed: older browsers do not tell the other side. */
const goodbye = 'goodbye';

/** A transport over a message port of any of the three kinds; frames go by structured clone. */
export function messagePortTransport(port: DomPort | EmitterPort, limit: number = defaultLimits.frame): Transport {
  const inbox = new Inbox();
  const finish = (reason: string | null) => {
    if (inbox.ended) return;
    inbox.end(reason);
    port.close();
  };
  const receive = (data: unknown) => {
    if (inbox.ended) return;
    if (data === goodbye) return finish(null);
    try {
      // Weighed here too: the other side need not be this code.
      inbox.frame(portable(data, limit));
    } catch (error) {
      finish(isFail(error) ? 'a message over the size limit arrived' : 'a message that is no frame arrived');
    }
  };
  return {
    buffered: 0,
    send(frame) {
      if (!inbox.ended) port.postMessage(portable(frame, limit));
    },
    listen(handlers) {
      inbox.listen(handlers);
      if ('addEventListener' in port) {
        port.addEventListener('message', (event) => receive((event as MessageEvent).data));
        port.addEventListener('messageerror', () => finish('a message could not be read'));
        port.addEventListener('close', () => finish(null));
        port.start?.();
      } else {
        port.on('message', (event) => receive(event.data));
        port.on('close', () => finish(null));
        port.start();
      }
    },
    close() {
      if (inbox.ended) return;
      port.postMessage(goodbye);
      finish(null);
    },
  };
}
