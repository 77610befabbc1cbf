import type { Clock } from '../clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  fire: (() => void) | null;
}

/** A clock that moves only by `run`: everything scheduled happens in order of time, ties in the order they were scheduled. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Event[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, ms), order: this.#order++, fire };
    this.#push(event);
    return () => {
      event.fire = null;
    };
  }

  /** Let things happen until `until()` holds, nothing is left to happen, or `most` milliseconds have passed. @returns whether it holds. */
  run(until: () => boolean, most: number): boolean {
    const end = this.#now + most;
    while (!until()) {
      const next = this.#heap[0];
      if (next === undefined) return false;
      if (next.at > end) {
        this.#now = end;
        return false;
      }
      this.#pop();
      if (next.fire === null) continue;
      this.#now = Math.max(this.#now, next.at);
      const { fire } = next;
      next.fire = null;
      fire();
    }
    return true;
  }

  /** Let `ms` milliseconds pass. */
  pass(ms: number): void {
    const end = this.#now + ms;
    this.run(() => false, ms);
    this.#now = end;
  }

  #before(a: Event, b: Event): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !this.#before(event, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = heap[2 * i + 1];
      const right = heap[2 * i + 2];
      if (left === undefined) break;
      const useRight = right !== undefined && this.#before(right, left);
      const child = useRight ? right : left;
      if (!this.#before(child, last)) break;
      heap[i] = child;
      i = 2 * i + (useRight ? 2 : 1);
    }
    heap[i] = last;
  }
}
