import { screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { type Place, placeSchema } from '#shared/contract/vault.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { PlaceProblems } from './place-problems.tsx';

let end = () => {};
afterEach(() => end());

const place = (n: number, more: Partial<Place> = {}): Place => ({
  ...placeSchema.parse({
    id: `p${n}`,
    name: `Place ${n}`,
    kind: 'directory',
    path: `/places/${n}`,
    address: { kind: 'directory', path: `/places/${n}` },
    owner: '',
    site: '',
    limit: null,
    weight: 1,
    device: 'd',
    deviceName: 'Disk',
    health: 'ok',
    shards: 1,
    used: 1,
    free: 1_000_000,
    checkedAt: null,
    verifiedAt: null,
  }),
  ...more,
});
const show = (...places: Place[]) => {
  end = renderWith(play({}), <PlaceProblems places={places} />).end;
};
const problem = (code: NonNullable<Place['problem']>['code']) => ({ code, text: 'of the core', next: 'of the core' });

it('says of each place what is wrong with it and what to do, and does not say that files are away which are there', async () => {
  show(
    place(1, { health: 'missing', problem: problem('UNMARKED') }),
    place(2, { health: 'full', problem: problem('FULL') }),
    place(3),
  );
  const list = await screen.findByRole('list', { name: 'What is wrong with places' });
  expect(list.textContent).toContain('Place 1: /places/1 holds files, but not the mark of a place');
  expect(list.textContent).toContain('If the mark was deleted, put it back.');
  expect(list.textContent).toMatch(/Place 2: .* are free, and the last 16 MiB are kept/);
  expect(list.textContent).not.toContain('Place 3');
  expect(document.body.textContent).not.toContain('is not there');
});

it('has words for everything that can be wrong', async () => {
  const codes = placeSchema.shape.problem.unwrap().shape.code.options;
  show(...codes.map((code, i) => place(i, { health: 'missing', problem: problem(code) })));
  const list = await screen.findByRole('list', { name: 'What is wrong with places' });
  expect(list.children).toHaveLength(codes.length);
  expect(list.textContent).not.toContain('vault.problem');
});

it('says nothing where all is well', () => {
  show(place(1), place(2));
  expect(screen.queryByRole('list')).toBeNull();
});
