import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { NameEntry, Registration } from '#shared/contract/names.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { renderWith } from '../../testing/render.tsx';
import { FindName } from './find-name.tsx';
import { NameSheet } from './name-sheet.tsx';

let end = () => {};
afterEach(() => end());

const ledger = {
  chain: 'eip155:5000000000',
  name: 'My ledger',
  label: 'my-ledger',
  kind: 'own',
} as NameEntry['ledger'];
const entry = (change: Partial<NameEntry>): NameEntry => ({
  ...{ label: 'anna', full: 'anna.my-ledger', ledger, state: 'free', mine: false, owner: null, expiresAt: null },
  ...{ deposit: '0' as NameEntry['deposit'], depositText: null, record: null, recordState: 'none', seenAt: 1 },
  ...change,
});
const owner = `0x${'ab'.repeat(20)}` as NonNullable<NameEntry['owner']>;
const held = entry({ state: 'held', owner, expiresAt: 1_900_000_000_000, recordState: 'current' });

it('shows one name on each ledger apart, warns of look-alikes, and takes it where it is free', async () => {
  const asked: object[] = [];
  const taken: object[] = [];
  const other = { ...ledger, chain: 'eip155:9', name: 'Tom’s ledger', label: 'toms-ledger' } as NameEntry['ledger'];
  const agent = createFakeAgent({
    'names.look': (input) => {
      asked.push(input);
      const found = [entry({}), { ...held, full: 'anna.toms-ledger', ledger: other }];
      return { label: 'anna', changed: true, looksLike: 'Anna B', found };
    },
    'names.register': (input) => {
      taken.push(input);
      return { id: 'a'.repeat(22), label: 'anna', full: 'anna.my-ledger', ledger, state: 'committing' } as Registration;
    },
  });
  end = renderWith(agent, <FindName />).end;
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: ' Anna ' } });
  fireEvent.click(screen.getByRole('button', { name: 'Look up' }));
  expect(await screen.findByText('anna.my-ledger')).toBeTruthy();
  expect(screen.getByText('anna.toms-ledger')).toBeTruthy();
  expect(screen.getByText('somebody’s')).toBeTruthy();
  expect(screen.getByText(/could be taken for “Anna B”/)).toBeTruthy();
  expect(screen.getByText(/looked up was “anna”/)).toBeTruthy();
  expect(asked).toEqual([{ name: 'Anna' }]);
  const take = screen.getAllByRole('button', { name: 'Take it' });
  expect(take).toHaveLength(1);
  await waitFor(() => expect((take[0] as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(take[0] as HTMLElement);
  await waitFor(() => expect(taken).toEqual([{ name: 'anna', ledger: 'eip155:5000000000', days: 365 }]));
});

it('publishes what is ticked and nothing else, and keeps what was published beside it', async () => {
  const sent: object[] = [];
  const services = [{ name: 'web', url: 'http://anna.example' }];
  const record = { sequence: 2, signedAt: 1, person: null, mesh: ['4a2::1'], wallet: null, services };
  const mine = { ...held, mine: true, record };
  const agent = createFakeAgent({
    'names.publish': (input) => {
      sent.push(input);
      return mine;
    },
  });
  end = renderWith(agent, <NameSheet entry={mine} onClose={() => {}} />).end;
  fireEvent.click(await screen.findByRole('switch', { name: /mesh address/ }));
  const publish = screen.getByRole('button', { name: 'Sign and publish' }) as HTMLButtonElement;
  await waitFor(() => expect(publish.disabled).toBe(false));
  fireEvent.click(publish);
  const ledgerOf = { ledger: 'eip155:5000000000' };
  await waitFor(() =>
    expect(sent).toEqual([{ name: 'anna', ...ledgerOf, person: true, mesh: false, wallet: true, services }]),
  );
});
