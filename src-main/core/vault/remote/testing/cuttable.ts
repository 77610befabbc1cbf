import type { Dial } from '../resp/dial.ts';

/** Connections that a test may break, all at once. */
export function cuttable(dial: Dial): { readonly dial: Dial; cut(): void } {
  const streams = new Set<{ destroy(): void }>();
  return {
    async dial(signal) {
      const stream = await dial(signal);
      streams.add(stream);
      return stream;
    },
    cut() {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
  };
}
