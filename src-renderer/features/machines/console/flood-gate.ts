/** Unread output the terminal may hold before more is kept back: some 0.2 s of its work, far under its own limit of 50 MB. */
const mostPending = 2 * 1024 * 1024;
/** Of what is kept back, the end is shown: it is what a person would see anyway. */
const tailBytes = 256 * 1024;

export interface FloodGate {
  write(bytes: Uint8Array): void;
  clear(): void;
}

/**
 * Between a machine that prints faster than a screen can show and the terminal. Keys and clicks stay quick, because what
 * the terminal has not worked off never grows beyond a bound; what was passed over is said.
 */
export function createFloodGate(deps: {
  /** Hand bytes to the terminal; `done` when it has worked them off. */
  write: (bytes: Uint8Array, done: () => void) => void;
  /** Bytes that were passed over. */
  passedOver: (bytes: number) => void;
}): FloodGate {
  let pending = 0;
  let round = 0;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let dropped = 0;

  const forward = (bytes: Uint8Array) => {
    const started = round;
    pending += bytes.length;
    deps.write(bytes, () => {
      if (started !== round) return;
      pending -= bytes.length;
      if (pending === 0) release();
    });
  };
  const keep = (bytes: Uint8Array) => {
    kept.push(bytes);
    keptBytes += bytes.length;
    for (let first = kept[0]; first && keptBytes - first.length >= tailBytes; first = kept[0]) {
      kept.shift();
      keptBytes -= first.length;
      dropped += first.length;
    }
  };
  const release = () => {
    const waiting = kept;
    if (dropped > 0) deps.passedOver(dropped);
    kept = [];
    keptBytes = 0;
    dropped = 0;
    for (const bytes of waiting) forward(bytes);
  };

  return {
    write(bytes) {
      if (bytes.length === 0) return;
      if (kept.length > 0 || pending + bytes.length > mostPending) keep(bytes);
      else forward(bytes);
      // A single piece larger than the bound, with nothing before it, must still be shown.
      if (pending === 0) release();
    },
    clear() {
      round += 1;
      pending = 0;
      kept = [];
      keptBytes = 0;
      dropped = 0;
    },
  };
}
