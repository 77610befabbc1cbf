/*
 * Buffers that one socket reads into alone. What is passed on from them leaves from where it was read, without being copied: the
 * system may keep a pointer into them until it took the last byte, so such a buffer is read into again only after that. Only who
 * relays much has one, and there are few: without one, what is passed on is copied, as from the buffer that all sockets share.
 */

/** Bytes that may be used after the call that brought them. */
export interface Lease {
  /** Nobody else writes there until {@link Lease.release} was called as often. */
  hold(): void;
  release(): void;
}

/** Of bytes that nobody ever reads into again. */
export const ownBytes: Lease = { hold() {}, release() {} };

export interface ReadBuffer extends Lease {
  readonly bytes: Uint8Array;
  /** Whether something in it is still held. */
  held(): boolean;
  /** The socket reads into it no more. */
  leave(): void;
}

export interface ReadBuffers {
  /** One for a socket alone, until it leaves; null when there are too many. */
  take(): ReadBuffer | null;
  /** With sockets, or held by what waits to leave. */
  out(): number;
}

export interface ReadBufferLimits {
  readonly bytes: number;
  readonly most: number;
  /** Of those that nobody has, so many are kept: new memory costs more than copying. */
  readonly spare: number;
}

const defaultLimits: ReadBufferLimits = { bytes: 1024 * 1024, most: 16, spare: 4 };

export function createReadBuffers({ bytes, most, spare }: ReadBufferLimits = defaultLimits): ReadBuffers {
  const free: Uint8Array[] = [];
  let out = 0;
  return {
    take() {
      if (out === most) return null;
      out++;
      const memory = free.pop() ?? new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
      let holds = 0;
      let left = false;
      const back = (): void => {
        if (!left || holds > 0) return;
        out--;
        if (free.length < spare) free.push(memory);
      };
      return {
        bytes: memory,
        hold() {
          holds++;
        },
        release() {
          holds--;
          back();
        },
        held: () => holds > 0,
        leave() {
          if (left) return;
          left = true;
          back();
        },
      };
    },
    out: () => out,
  };
}
