import { describe, expect, it } from 'vitest';
import { transportConformance } from '../conformance.ts';
import { memoryPair } from './memory.ts';
import { type DomPort, type EmitterPort, messagePortTransport } from './message-port.ts';

const runner = {
  describe,
  it,
  equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected),
};

transportConformance(
  'memory',
  async () => {
    const [client, server] = memoryPair();
    return { client, server, dispose: async () => {} };
  },
  runner,
);

transportConformance(
  'message port',
  async () => {
    const { port1, port2 } = new MessageChannel();
    return { client: messagePortTransport(port1), server: messagePortTransport(port2), dispose: async () => {} };
  },
  runner,
);

/** A port with the face of Electron's MessagePortMain, on a real one. */
function likeElectron(port: DomPort): EmitterPort {
  return {
    postMessage: (message) => port.postMessage(message),
    on(type: 'message' | 'close', listener: (event: { data: unknown }) => void) {
      port.addEventListener(type, (event) => listener({ data: (event as MessageEvent).data }));
    },
    start: () => port.start?.(),
    close: () => port.close(),
  };
}

transportConformance(
  'message port of Electron main',
  async () => {
    const { port1, port2 } = new MessageChannel();
    return {
      client: messagePortTransport(port1),
      server: messagePortTransport(likeElectron(port2)),
      dispose: async () => {},
    };
  },
  runner,
);
