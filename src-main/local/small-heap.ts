import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Imported before anything else by the daemon. V8 lets the heap of a process grow as suits programs that have a computer for themselves: the
 * young generation doubles whenever much of it survives, up to 64 MiB and more, and the old one to four times what is alive in it. An
 * agent runs all day beside other things, so its young generation ends at 8 MiB, and garbage of the old one is looked for
 * when it has grown by half. Both flags are read at each growth; a limit of the young generation itself can only be given to a new process.
 */
const grows = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
const youngBytes = (): number => getHeapSpaceStatistics().find((s) => s.space_name === 'new_space')?.space_size ?? 0;

grows(1);
setFlagsFromString('--heap-growing-percent=50');

const most = 8 * 1024 * 1024;
/** It doubles when so much survives; in any case this ends. */
const mostPieces = 200;
const pieceObjects = 2048;

/** By then nobody holds what starting took. */
const settledMs = 5000;

/**
 * The agent has started. A moment later what that took is given back (some 14 MB outside of V8's heap, which it sees
 * no reason to look for), and the young generation gets its size, by what V8 goes by, objects that survive. Takes some 70 ms.
 */
export function settleHeapSoon(): void {
  setTimeout(settleHeap, settledMs).unref();
}

function settleHeap(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
  grows(2);
  const kept: object[] = [];
  for (let pieces = 0; youngBytes() * 2 <= most && pieces < mostPieces; pieces++) {
    kept.push(Array.from({ length: pieceObjects }, (_, i) => ({ i })));
  }
  grows(1);
}
