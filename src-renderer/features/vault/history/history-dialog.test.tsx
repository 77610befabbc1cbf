import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { createFakeAgent } from '../../../testing/fake-agent.ts';
import { renderWith } from '../../../testing/render.tsx';
import { HistoryDialog, type Version } from './history-dialog.tsx';

let end = () => {};
afterEach(() => end());

const snapshot = (number: number) => ({
  ...{ number, at: number, automatic: true, name: '', files: 1, folders: 0, size: 9 },
});
const version = (id: string, over: Partial<Version>): Version => ({
  ...{ id: id as ItemId, path: '/diary.txt', size: 9, modified: 1, added: 1, snapshots: null, now: 'gone' },
  ...over,
});
const versions = [
  version('v3', { now: 'there', added: 3_000_000 }),
  version('v2', { snapshots: { first: snapshot(4), last: snapshot(6) }, added: 2_000_000 }),
  version('v1', { added: 1_000_000 }),
];
const item = { id: 'v3', kind: 'file', name: 'diary.txt', size: 9, mime: 'text/plain' } as VaultItem;

it('lists what lay there, and offers of each what can be done with it', async () => {
  const asked: object[] = [];
  const agent = createFakeAgent({
    'vault.history': () => ({ versions }),
    'vault.compare': (input) => {
      asked.push(input);
      const pieces = [
        { kind: 'removed' as const, from: 0, to: 0, lines: ['rain'] },
        { kind: 'added' as const, from: 1, to: 0, lines: ['sun'] },
      ];
      return { added: 1, removed: 1, cut: false, pieces };
    },
  });
  end = renderWith(agent, <HistoryDialog item={item} onClose={() => {}} />).end;
  expect(await screen.findByText(/In snapshots 4 to 6/)).toBeTruthy();
  // One that nothing holds any more can be neither looked at nor brought back.
  const looks = screen.getAllByRole('button', { name: /^Look at the version/ }) as HTMLButtonElement[];
  await waitFor(() => expect(looks.map(({ disabled }) => disabled)).toEqual([false, false, true]));
  expect(screen.getAllByRole('button', { name: /^Bring back the version/ })).toHaveLength(1);
  const [compare] = screen.getAllByRole('button', { name: /^Compare the version of .* with the newest$/ });
  if (compare) fireEvent.click(compare);
  expect(await screen.findByText('1 line added · 1 line removed')).toBeTruthy();
  expect(asked).toEqual([{ older: 'v2', newer: 'v3', context: 3 }]);
  // Told by words too, not by colour and sign alone.
  expect(screen.getByText('rain').closest('tr')?.textContent).toContain('removed');
  expect(screen.getByText('sun').closest('tr')?.textContent).toContain('added');
});
