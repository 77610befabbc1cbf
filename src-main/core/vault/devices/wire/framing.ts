import type { Duplex } from 'node:stream';
import type { Host } from '#core/host.ts';

/** It ended, said more than it may, or was silent for too long: the connection is no more. */
export class Cut extends Error {}

/** Whole messages over a connection, each after its length (u32, big-endian). */
export interface Frames {
  /** Resolves when it was taken over. @throws Cut */
  write(body: Uint8Array): Promise<void>;
  /** @param most bytes @param ms of silence that are too long @returns null when the other side ended @throws Cut */
  read(most: number, ms: number): Promise<Uint8Array | null>;
  destroy(): void;
}

/** In which a slice of what is written has to be taken: a line may be slow, or bounded by the person, as long as it moves. */
const stallMs = 60_000;
const sliceBytes = 32 * 1024;

export function frames(stream: Duplex, { setTimer }: Pick<Host, 'setTimer'>): Frames {
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  let held: Uint8Array[] = [];
  let length = 0;
  stream.on('error', () => {});

  const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    const cancel = setTimer(ms, () => stream.destroy(new Cut('silence')));
    try {
      return await work;
    } catch (error) {
      throw error instanceof Cut ? error : new Cut(String(error));
    } finally {
      cancel();
    }
  };
  /** @returns false when it ended before anything of it came */
  const gather = async (wanted: number, ms: number): Promise<boolean> => {
    while (length < wanted) {
      const { done, value } = await within(ms, chunks.next());
      if (done === true) {
        if (length === 0) return false;
        throw new Cut('it ended in the middle');
      }
      held.push(value);
      length += value.length;
    }
    return true;
  };
  const drained = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const over = (): void => {
        stream.off('drain', taken);
        reject(new Cut('it has ended'));
      };
      const taken = (): void => {
        stream.off('close', over);
        resolve();
      };
      stream.once('drain', taken);
      stream.once('close', over);
    });
  const cut = (wanted: number): Uint8Array => {
    const all = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
    held = all.length === wanted ? [] : [all.subarray(wanted)];
    length = all.length - wanted;
    return new Uint8Array(all.subarray(0, wanted));
  };

  return {
    async write(body) {
      const whole = new Uint8Array(4 + body.length);
      new DataView(whole.buffer).setUint32(0, body.length);
      whole.set(body, 4);
      for (let at = 0; at < whole.length; at += sliceBytes) {
        if (stream.destroyed || stream.writableEnded) throw new Cut('it has ended');
        if (!stream.write(whole.subarray(at, at + sliceBytes))) await within(stallMs, drained());
      }
    },
    async read(most, ms) {
      if (!(await gather(4, ms))) return null;
      const head = cut(4);
      const size = new DataView(head.buffer, head.byteOffset).getUint32(0);
      if (size > most) throw new Cut(`${size} bytes are more than it may say`);
      if (!(await gather(size, ms)) && size > 0) throw new Cut('it ended in the middle');
      return cut(size);
    },
    destroy: () => stream.destroy(),
  };
}
