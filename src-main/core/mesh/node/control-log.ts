/** Bytes in a row that belong to nobody in particular: they are written once and never changed. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly length: number;
}

/**
 * Control packets that go to many peers, one behind the other, each encoded and copied once for all of them. A thousand peers
 * who are told of a thousand routes get the same 68 kB; put together for each anew they would be a million small copies.
 */
export interface ControlLog {
  add(packet: Uint8Array): Stretch;
}

const chunkBytes = 64 * 1024;

export function createControlLog(): ControlLog {
  let chunk = new Uint8Array(0);
  let used = 0;
  return {
    add(packet) {
      if (used + packet.length > chunk.length) {
        // The one before lives on for as long as a peer has still to be sent some of it.
        chunk = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(chunkBytes, packet.length)).buffer);
        used = 0;
      }
      const at = used;
      chunk.set(packet, at);
      used += packet.length;
      return { bytes: chunk, at, length: packet.length };
    },
  };
}
