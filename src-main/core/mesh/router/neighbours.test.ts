import { expect, it } from 'vitest';
import { createNeighbours } from './neighbours.ts';

it('lists all neighbours but one, as they are now, and makes the list once', () => {
  const links = new Map<number, string>([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  const neighbours = createNeighbours(links);
  expect(neighbours.but(null)).toEqual([1, 2, 3]);
  expect(neighbours.but(2)).toEqual([1, 3]);
  expect(neighbours.but(2)).toBe(neighbours.but(2));
  expect(neighbours.but(9)).toBe(neighbours.but(null));
  const before = neighbours.but(2);
  links.delete(3);
  links.set(4, 'd');
  neighbours.changed();
  expect(before).toEqual([1, 3]);
  expect(neighbours.but(2)).toEqual([1, 4]);
  expect(neighbours.but(null)).toEqual([1, 2, 4]);
});
