import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { TrafficLimits } from '#shared/contract/vault.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { renderWith } from '../../testing/render.tsx';
import { TrafficSettings } from './traffic.tsx';

let end = () => {};
afterEach(() => end());

function agentWith(first: TrafficLimits) {
  let limits = first;
  const set: object[] = [];
  const view = () => ({ limits, inForce: limits.up > 0, upRate: 2048, downRate: 0, sent: 1024 ** 2, received: 0 });
  const agent = createFakeAgent({
    'vault.traffic': view,
    'vault.limitTraffic': (input) => {
      set.push(input);
      limits = { ...limits, ...(input as Partial<TrafficLimits>) };
      return view();
    },
  });
  return { agent, set };
}

it('tells the pace and takes a limit in KiB, and says what is too little', async () => {
  const { agent, set } = agentWith({ up: 0, down: 0, hours: '' });
  end = renderWith(agent, <TrafficSettings />).end;
  expect(await screen.findByText('2 KiB/s')).toBeTruthy();
  const up = screen.getByLabelText('Send at most');
  const save = screen.getByRole('button', { name: 'Save' }) as HTMLButtonElement;
  await waitFor(() => expect(save.disabled).toBe(false));
  fireEvent.change(up, { target: { value: '5' } });
  fireEvent.click(save);
  expect(await screen.findByText(/At least 32 KiB a second/)).toBeTruthy();
  expect(set).toEqual([]);
  fireEvent.change(up, { target: { value: '512,5' } });
  fireEvent.click(save);
  await waitFor(() => expect(set).toEqual([{ up: 524_800, down: 0, hours: '' }]));
});
