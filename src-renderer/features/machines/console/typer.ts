/** Most bytes one `machines.type` may carry. */
export const mostAtOnce = 65_536;

export interface Typer {
  type(text: string | Uint8Array): void;
  /** What waits is dropped: after a failure nobody wants old keys to arrive late. */
  clear(): void;
}

/**
 * Sends keys in order, one call under way at a time; what is typed meanwhile goes together in the next. So keys cannot
 * overtake each other and a slow agent is not flooded.
 */
export function createTyper(deps: {
  send: (bytes: Uint8Array) => Promise<unknown>;
  failed: (error: unknown) => void;
}): Typer {
  const encoder = new TextEncoder();
  let waiting: Uint8Array[] = [];
  let busy = false;

  const pump = async () => {
    if (busy) return;
    busy = true;
    try {
      while (waiting.length > 0) {
        const bytes = joined(waiting);
        const now = bytes.subarray(0, mostAtOnce);
        waiting = bytes.length > mostAtOnce ? [bytes.subarray(mostAtOnce)] : [];
        await deps.send(now.slice());
      }
    } catch (error) {
      waiting = [];
      deps.failed(error);
    } finally {
      busy = false;
    }
  };

  return {
    type(text) {
      waiting.push(typeof text === 'string' ? encoder.encode(text) : text);
      void pump();
    },
    clear() {
      waiting = [];
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
