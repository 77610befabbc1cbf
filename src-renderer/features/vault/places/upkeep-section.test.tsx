import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { type Place, placeSchema, type Upkeep } from '#shared/contract/vault.ts';
import { renderWith } from '../../../testing/render.tsx';
import * as samples from '../../../testing/samples.ts';
import { play } from '../../../testing/scenes.ts';
import { UpkeepSection } from './upkeep-section.tsx';

let end = () => {};
afterEach(() => end());

const attic: Place = placeSchema.parse({
  ...{ id: 'p1', name: 'Attic', kind: 's3', path: 's1.example.org/box', owner: '', site: '', limit: null, weight: 1 },
  address: {
    kind: 's3',
    endpoint: 'https://s1.example.org',
    bucket: 'box',
    accessKeyId: 'AK',
    region: 'us-east-1',
    prefix: '',
  },
  ...{
    device: 'd',
    deviceName: 'Server',
    health: 'ok',
    shards: 1,
    used: 1,
    free: null,
    checkedAt: null,
    verifiedAt: null,
  },
});
const of = (more: Partial<Upkeep['places'][number]>): Upkeep['places'][number] => ({
  place: attic.id,
  pass: { startedAt: 0, finishedAt: null, done: 0, total: 1 },
  ...{ audit: null, away: 0, departed: false, doubted: false },
  ...more,
});
const show = (upkeep: Partial<Upkeep>): void => {
  end = renderWith(play({ upkeep: { ...samples.upkeep, ...upkeep } }), <UpkeepSection places={[attic]} ready />).end;
};

it('says within how many days everything was checked, and what is being repaired', async () => {
  show({ oldestAt: Date.now() - 11.5 * 24 * 60 * 60_000 });
  expect(await screen.findByText('Every piece was read and found right within the last 12 days.')).toBeTruthy();
  expect(screen.getByText('Repairing 3 parts of your files.')).toBeTruthy();
  expect(screen.getByText(/2 pieces made again/)).toBeTruthy();
});

it('says what was never read back, of what nothing can be mended, and whom it does not believe', async () => {
  const places = [of({ audit: { at: Date.now(), asked: 459, lost: 2 }, doubted: true, departed: true })];
  show({ oldestAt: null, neverChecked: 7, stuck: 3, places });
  expect(await screen.findByText('7 parts of your files were not read back yet.')).toBeTruthy();
  expect(screen.getByText(/Some of them wait for a place/)).toBeTruthy();
  expect(screen.getByText(/2 pieces missing/)).toBeTruthy();
  expect(screen.getByText(/Attic said that it had what it had not/)).toBeTruthy();
  expect(screen.getByText(/Attic was away for too long/)).toBeTruthy();
});

it('is switched off and on', async () => {
  show({ places: [of({ audit: { at: Date.now(), asked: 459, lost: 0 } })] });
  expect(await screen.findByText(/459 of 459 blocks right/)).toBeTruthy();
  const toggle = await screen.findByRole('switch', { name: 'Keep my files whole by itself' });
  fireEvent.click(toggle);
  await waitFor(() => expect(toggle.getAttribute('aria-checked')).toBe('false'));
});
