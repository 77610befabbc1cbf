import { Socket, type SocketConstructorOpts } from 'node:net';

/** Memory that what arrives is put into, the same for all connections of a server. */
export interface ReceiveRoom {
  readonly bytes: Uint8Array;
}

/** So much is taken from a connection at once: more than Node's 64 KiB, so that most values come in one go, and little enough to stay in the processor's cache. */
const roomBytes = 256 * 1024;

export const createReceiveRoom = (): ReceiveRoom => ({ bytes: new Uint8Array(new ArrayBuffer(roomBytes)) });

interface Inside {
  _handle?: { readonly useUserBuffer?: unknown } | null;
}

/**
 * An accepted connection that nobody has read from yet (`pauseOnConnect`) as one that puts what arrives into the room. `taken` is
 * called with it and must have copied what it still needs when it returns.
 *
 * Node makes fresh memory of 64 KiB for every read, which costs as much as receiving it. `onread` avoids that, but net.Server
 * does not pass it on; the constructor of Socket takes it together with the system's handle, which is how net.Server itself
 * makes connections (lib/net.js, onconnection). A handle is not documented: where it is not as expected, this gives null
 * and the connection is served in the usual way.
 */
export function receiveInto(room: ReceiveRoom, accepted: Socket, taken: (bytes: Uint8Array) => void): Socket | null {
  const inside = accepted as unknown as Inside;
  const handle = inside._handle;
  if (typeof handle?.useUserBuffer !== 'function') return null;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: room.bytes,
      callback(count: number) {
        taken(room.bytes.subarray(0, count));
        return true;
      },
    },
  };
  let socket: Socket;
  try {
    socket = new Socket(options as unknown as SocketConstructorOpts);
  } catch {
    return null;
  }
  inside._handle = null;
  accepted.destroy();
  return socket;
}
