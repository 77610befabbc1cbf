import { screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { createFakeAgent } from '../../../testing/fake-agent.ts';
import { renderWith } from '../../../testing/render.tsx';
import { Objection, type ObjectionProps } from './objection.tsx';

let end = () => {};
afterEach(() => end());

const objection = { at: 1_800_000_000_000, amount: '36000', reason: 'It was slow.' } as ObjectionProps['objection'];
const shown = { role: 'provider', state: 'disputed', token: { symbol: 'OLGAS', decimals: 6 }, objection } as const;

it('shows what is objected to, and why, in the words of who objects', async () => {
  end = renderWith(createFakeAgent({}), <Objection {...shown} />).end;
  expect(await screen.findByText('It was slow.')).toBeTruthy();
  expect(screen.getByText(/The other side objected to/)).toBeTruthy();
  expect(screen.getByText(/0\.036/)).toBeTruthy();
});

it('says plainly where the words are not known', async () => {
  end = renderWith(createFakeAgent({}), <Objection {...shown} objection={{ ...objection, reason: null }} />).end;
  expect(await screen.findByText(/was not told here/)).toBeTruthy();
});
