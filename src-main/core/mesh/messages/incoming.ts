import { createBlake3 } from '#core/crypto/blake3.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { mostChunks } from './chunks.ts';
import type { ChunkFragment, DoneFragment, InitFragment } from './fragment.ts';

/** A message that is coming in. What arrives is kept; room is made for what arrives, not for what was announced. */
export interface Incoming {
  readonly length: number;
  readonly topic: Uint8Array;
  readonly reply: boolean;
  /** @returns whether the chunk is in place, also from before */
  chunk(fragment: ChunkFragment): boolean;
  /** The whole message, or null while something is missing or does not fit. */
  done(fragment: DoneFragment): Uint8Array | null;
  /** Bytes held. */
  held(): number;
}

export function createIncoming(init: InitFragment): Incoming {
  const chunks = new Map<number, { offset: number; data: Uint8Array }>();
  const most = mostChunks(init.length);
  let held = 0;
  return {
    length: init.length,
    topic: init.topic,
    reply: init.reply,
    chunk({ index, offset, data }) {
      if (index >= most || data.length === 0 || offset + data.length > init.length) return false;
      const known = chunks.get(index);
      if (known !== undefined) return known.offset === offset && known.data.length === data.length;
      if (held + data.length > init.length) return false;
      chunks.set(index, { offset, data });
      held += data.length;
      return true;
    },
    done({ chunks: count, digest }) {
      if (count !== chunks.size || held !== init.length) return null;
      const whole = new Uint8Array(init.length);
      let at = 0;
      for (let index = 0; index < count; index++) {
        const chunk = chunks.get(index);
        if (chunk === undefined || chunk.offset !== at) return null;
        whole.set(chunk.data, at);
        at += chunk.data.length;
      }
      const hash = createBlake3();
      hash.update(whole);
      return equalBytes(hash.digest(), digest) ? whole : null;
    },
    held: () => held,
  };
}
