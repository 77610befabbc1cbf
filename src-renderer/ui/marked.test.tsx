import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Marked } from './marked.tsx';

it('brings pieces of a text out, and shows all of it whatever the pieces', () => {
  const marked = (text: string, marks: [number, number][]) => {
    const { container } = render(<Marked text={text} marks={marks} />);
    return [container.textContent, ...[...container.querySelectorAll('mark')].map((mark) => mark.textContent)];
  };
  expect(marked('the red fox', [[4, 7]])).toEqual(['the red fox', 'red']);
  expect(
    marked('the red fox', [
      [0, 3],
      [8, 11],
    ]),
  ).toEqual(['the red fox', 'the', 'fox']);
  expect(marked('fox', [])).toEqual(['fox']);
  expect(
    marked('fox', [
      [0, 9],
      [2, 3],
      [1, 2],
    ]),
  ).toEqual(['fox', 'x']);
  expect(marked('<b>', [[0, 3]])).toEqual(['<b>', '<b>']);
});
