import { describe, expect, it } from 'vitest';
import { createSupply } from './supply.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const all = async <T>(supply: ReturnType<typeof createSupply<T>>): Promise<T[]> => {
  const out: T[] = [];
  while (await supply.ready()) {
    // Another may have been faster.
    const one = supply.take();
    if (one !== undefined) out.push(one);
  }
  return out;
};

describe('createSupply', () => {
  it('hands everything out once and in order, to several who take', async () => {
    async function* source() {
      for (let i = 0; i < 50; i += 5) {
        if (i % 10 === 0) await turn();
        yield [i, i + 1, i + 2, i + 3, i + 4];
      }
    }
    const found: number[] = [];
    const supply = createSupply(source(), 7, (piece) => void found.push(...piece));
    const taken = await Promise.all([all(supply), all(supply), all(supply)]);
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    expect(found).toEqual(numbers);
    expect(taken.flat().sort((a, b) => a - b)).toEqual(numbers);
    for (const some of taken) expect(some).toEqual([...some].sort((a, b) => a - b));
    expect(supply.ended()).toBe(true);
    expect([supply.peek(), supply.take()]).toEqual([undefined, undefined]);
  });

  it('is no further ahead than it was told to be', async () => {
    let asked = 0;
    async function* source() {
      for (;;) yield [asked++, asked++];
    }
    const supply = createSupply(source(), 6, () => {});
    await supply.ready();
    for (let i = 0; i < 20; i++) await turn();
    expect(asked).toBe(6);
    expect([supply.take(), supply.peek()]).toEqual([0, 1]);
    for (let i = 0; i < 20; i++) await turn();
    expect(asked).toBe(8);
    supply.close();
    for (let i = 0; i < 20; i++) await turn();
    expect(asked).toBeLessThanOrEqual(10);
  });

  it('hands out what was found before the search failed, then says how', async () => {
    async function* source() {
      yield [1];
      await turn();
      throw new Error('a disk was pulled');
    }
    const supply = createSupply(source(), 6, () => {});
    expect(await supply.ready()).toBe(true);
    await turn();
    await turn();
    expect(supply.take()).toBe(1);
    await expect(supply.ready()).rejects.toThrow('pulled');
    await expect(supply.ready()).rejects.toThrow('pulled');
  });
});
