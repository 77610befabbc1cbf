import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Watched } from '#shared/contract/vault.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { WatchedFolders } from './watched-page.tsx';

let end = () => {};
afterEach(() => end());

const papers: Watched = {
  ...{ id: 'w-1', directory: '/home/ada/Papers', folder: '/papers', state: 'current', files: 812, done: 0, total: 0 },
  ...{ busy: 0, agreedAt: 0, problems: [], problemCount: 0, ignore: [] },
};

it('says what watching means before a directory is watched', async () => {
  end = renderWith(play({}), <WatchedFolders />).end;
  fireEvent.click(await screen.findByRole('button', { name: 'Watch a directory' }));
  expect(await screen.findByText(/What was changed on both sides is kept twice/)).toBeTruthy();
});

it('shows how a folder stands and why something is left out', async () => {
  const problems = [{ path: 'con.txt', code: 'NAME_HERE', text: 'x', next: 'y' } as const];
  end = renderWith(play({ watched: [{ ...papers, problems, problemCount: 1 }] }), <WatchedFolders />).end;
  expect(await screen.findByText('Up to date')).toBeTruthy();
  expect(screen.getByText('812 files alike on both sides')).toBeTruthy();
  expect(screen.getByText('1 is left as it is')).toBeTruthy();
  expect(screen.getByText(/This computer cannot hold a file of this name/)).toBeTruthy();
});

it('asks before much is deleted, and offers to bring it back first', async () => {
  const question = { side: 'vault' as const, files: 300, of: 400, examples: ['a.txt'] };
  end = renderWith(play({ watched: [{ ...papers, state: 'asking', question }] }), <WatchedFolders />).end;
  expect(await screen.findByText('300 files are gone from this computer')).toBeTruthy();
  const keep = screen.getByRole('button', { name: 'Bring them back' });
  await waitFor(() => expect((keep as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(keep);
  await waitFor(() => expect(screen.queryByText('300 files are gone from this computer')).toBeNull());
});
