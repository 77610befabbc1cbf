/**
 * Hierarchical timing wheel (Varghese and Lauck, SOSP 1987, scheme 7): arming, moving and cancelling a timer cost the same
 * whatever their number, where a `setTimeout` for each route would cost a microsecond and an object of the runtime's.
 *
 * Four wheels of 256 slots: a slot of the first is a millisecond, of the next 256 of them, and so on, 49 days in all (a later
 * deadline waits in the last slot and is looked at again). Timers that are due fire in order of their deadline, those of one
 * millisecond in an order that the same calls always give.
 */
export interface TimingWheel {
  /** @param at milliseconds on the wheel's clock; what is not in the future fires at the next advance */
  schedule(at: number, fire: () => void): Timer;
  /** Fire what is due by `now`. Time never goes back: an earlier `now` does nothing. */
  advance(now: number): void;
  /** When the next timer is due; null when none is armed. */
  next(): number | null;
  /** The wheel's clock: `now` of the last advance, or while firing the deadline that fires. */
  now(): number;
}

export interface Timer {
  cancel(): void;
}

interface Node {
  at: number;
  fire: (() => void) | null;
  level: number;
  before: Node;
  after: Node;
}

const bits = 8;
const slots = 1 << bits;
const levels = 4;

/** @param start milliseconds, whole or not; deadlines are rounded up to whole ones */
export function createTimingWheel(start: number): TimingWheel {
  let time = Math.floor(start);
  const wheels = Array.from({ length: levels }, () => Array.from({ length: slots }, () => new Head()));
  const armed = new Array<number>(levels).fill(0);

  const place = (node: Node): void => {
    const ahead = node.at - time;
    let level = 0;
    while (level < levels - 1 && ahead >= 2 ** (bits * (level + 1))) level++;
    const reach = Math.min(node.at, time + 2 ** (bits * levels) - 1);
    const slot = Math.floor(reach / 2 ** (bits * level)) % slots;
    node.level = level;
    armed[level] = (armed[level] as number) + 1;
    append(wheels[level]?.[slot] as Node, node);
  };

  const take = (node: Node): void => {
    node.before.after = node.after;
    node.after.before = node.before;
    armed[node.level] = (armed[node.level] as number) - 1;
  };

  /** Deal the timers of the slots that begin now to finer wheels. */
  const cascade = (): void => {
    for (let level = levels - 1; level > 0; level--) {
      if (time % 2 ** (bits * level) !== 0 || armed[level] === 0) continue;
      const head = wheels[level]?.[Math.floor(time / 2 ** (bits * level)) % slots] as Node;
      const waiting: Node[] = [];
      for (let node = head.after; node !== head; node = node.after) waiting.push(node);
      for (const node of waiting) {
        take(node);
        place(node);
      }
    }
  };

  const fireSlot = (): void => {
    const head = wheels[0]?.[time % slots] as Node;
    while (head.after !== head) {
      const node = head.after;
      take(node);
      const { fire } = node;
      node.fire = null;
      fire?.();
    }
  };

  /** The next millisecond that may hold work: the next one, or the next turn of the first wheel that holds timers. */
  const step = (): number => {
    for (let level = 0; level < levels; level++) {
      if (armed[level] !== 0) return nextMultiple(time, 2 ** (bits * level));
    }
    return Number.POSITIVE_INFINITY;
  };

  return {
    schedule(at, fire) {
      const node = { at: Math.max(Math.ceil(at), time + 1), fire, level: 0 } as Node;
      place(node);
      return {
        cancel() {
          if (node.fire === null) return;
          node.fire = null;
          take(node);
        },
      };
    },
    advance(now) {
      const until = Math.floor(now);
      while (time < until) {
        time = Math.min(step(), until);
        cascade();
        fireSlot();
      }
    },
    next() {
      let earliest: number | null = null;
      for (let level = 0; level < levels; level++) {
        if (armed[level] === 0) continue;
        // In order of slots: the first that is not empty holds the earliest of this wheel.
        const width = 2 ** (bits * level);
        const current = Math.floor(time / width);
        for (let i = 0; i <= slots; i++) {
          const head = wheels[level]?.[(current + i) % slots] as Node;
          if (head.after === head) continue;
          let least = Number.POSITIVE_INFINITY;
          for (let node = head.after; node !== head; node = node.after) least = Math.min(least, node.at);
          if (earliest === null || least < earliest) earliest = least;
          // The current slot of a coarse wheel may hold timers of this turn and of the next.
          if (i > 0 || level === 0) break;
        }
      }
      return earliest;
    },
    now: () => time,
  };
}

function nextMultiple(time: number, width: number): number {
  return (Math.floor(time / width) + 1) * width;
}

/** The head of an empty ring: its own neighbour on both sides. */
class Head implements Node {
  at = 0;
  fire = null;
  level = 0;
  before: Node = this;
  after: Node = this;
}

function append(head: Node, node: Node): void {
  node.before = head.before;
  node.after = head;
  head.before.after = node;
  head.before = node;
}
