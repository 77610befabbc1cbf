/**
 * Buffers for large values, used again: making a fresh one for each costs more than reading it. Replies give theirs back when
 * the system has taken what was in them; that goes for sockets of the system only, which copy before they say that they are done.
 */
export interface BufferPool {
  /** `length` bytes, with what was in them when somebody else had them. */
  take(length: number): Uint8Array;
  /** What {@link take} gave, which nobody looks at any more. Anything else is not kept. */
  give(part: Uint8Array): void;
}

const smallest = 16 * 1024;

/** @param most bytes kept for later */
export function createBufferPool(most = 16 * 1024 * 1024): BufferPool {
  const free = new Map<number, Uint8Array[]>();
  const origin = new WeakMap<Uint8Array, Uint8Array>();
  let kept = 0;
  return {
    take(length) {
      // Fresh small ones are cheap.
      if (length < smallest) return Buffer.allocUnsafe(length);
      const size = 2 ** Math.ceil(Math.log2(length));
      const known = free.get(size)?.pop();
      if (known !== undefined) kept -= size;
      const whole = known ?? Buffer.allocUnsafeSlow(size);
      const part = whole.subarray(0, length);
      origin.set(part, whole);
      return part;
    },
    give(part) {
      const whole = origin.get(part);
      if (whole === undefined) return;
      origin.delete(part);
      if (kept + whole.length > most) return;
      kept += whole.length;
      const list = free.get(whole.length);
      if (list === undefined) free.set(whole.length, [whole]);
      else list.push(whole);
    },
  };
}
