/**
 * Sorted, disjoint, non-touching half-open ranges of positions, at most `limit` of them: what lies beyond a gap on the
 * receiving side, what was selectively acknowledged on the sending side. Kept flat, [start, end, start, end, ...]; the
 * limit keeps a peer from making a list that takes long to walk (the attack of CVE-2018-5390 and CVE-2019-11478).
 */
export class Ranges {
  readonly #flat: number[] = [];
  readonly #limit: number;
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#flat.length / 2;
  }

  /** Sum of the lengths. */
  get total(): number {
    return this.#total;
  }

  start(index: number): number {
    return this.#flat[index * 2] ?? Number.POSITIVE_INFINITY;
  }

  end(index: number): number {
    return this.#flat[index * 2 + 1] ?? Number.POSITIVE_INFINITY;
  }

  /** End of the last range; -Infinity when there is none. */
  get top(): number {
    return this.#flat.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  /** Index of the first range that ends after `position`; `count` when none does. */
  after(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.end(middle) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether all of `start` to `end` is in one range. */
  covers(start: number, end: number): boolean {
    const index = this.after(start);
    return index < this.count && this.start(index) <= start && end <= this.end(index);
  }

  /** Bytes of `from` to `to` that are in ranges. */
  within(from: number, to: number): number {
    if (to <= from) return 0;
    let sum = 0;
    for (let i = this.after(from); i < this.count && this.start(i) < to; i++) {
      sum += Math.min(this.end(i), to) - Math.max(this.start(i), from);
    }
    return sum;
  }

  /** Add a range, joining those it overlaps or touches. @returns bytes that were new; -1 when one more range is over the limit. */
  add(start: number, end: number): number {
    if (end <= start) return 0;
    let first = this.after(start);
    // A range that ends exactly at `start` touches it.
    if (first > 0 && this.end(first - 1) === start) first--;
    let last = first;
    let from = start;
    let to = end;
    let joined = 0;
    while (last < this.count && this.start(last) <= end) {
      from = Math.min(from, this.start(last));
      to = Math.max(to, this.end(last));
      joined += this.end(last) - this.start(last);
      last++;
    }
    if (last === first && this.count >= this.#limit) return -1;
    this.#flat.splice(first * 2, (last - first) * 2, from, to);
    const fresh = to - from - joined;
    this.#total += fresh;
    return fresh;
  }

  /** Forget everything below `position`. */
  dropBelow(position: number): void {
    const index = this.after(position);
    for (let i = 0; i < index; i++) this.#total -= this.end(i) - this.start(i);
    if (index > 0) this.#flat.splice(0, index * 2);
    const first = this.#flat[0];
    if (first !== undefined && first < position) {
      this.#total -= position - first;
      this.#flat[0] = position;
    }
  }

  clear(): void {
    this.#flat.length = 0;
    this.#total = 0;
  }
}
