/*
 * When what was queued is written. System calls are what sending costs, so packets of one turn of the event loop leave in one
 * write; but what a read brought leaves at the end of that read, unless something was written on the same link in this turn: a
 * packet alone is under way sooner, and what the system takes at once from where it was read need not be kept for it.
 */

export interface Writer {
  /** The turn in which it last wrote; {@link never} at first. */
  wroteIn: number;
  /** Write what there is. */
  flush(): void;
}

export const never = -1;

export interface WriteTurns {
  /** Have it write, once. */
  add(writer: Writer): void;
  /** A read begins, and ends. */
  begin(): void;
  end(): void;
}

/** @param soon after all reads of the turn */
export function createWriteTurns(soon: (run: () => void) => void): WriteTurns {
  let turn = 0;
  let armed = false;
  let reading = false;
  let ofRead: Writer[] = [];
  let ofTurn: Writer[] = [];

  const over = (): void => {
    armed = false;
    turn++;
    const due = ofTurn;
    ofTurn = [];
    for (const writer of due) writer.flush();
  };

  /** Turns are only counted while somebody writes. */
  const arm = (): void => {
    if (armed) return;
    armed = true;
    soon(over);
  };

  return {
    add(writer) {
      arm();
      if (reading && writer.wroteIn !== turn) {
        writer.wroteIn = turn;
        ofRead.push(writer);
      } else ofTurn.push(writer);
    },
    begin() {
      reading = true;
    },
    end() {
      reading = false;
      if (ofRead.length === 0) return;
      const due = ofRead;
      ofRead = [];
      for (const writer of due) writer.flush();
    },
  };
}
