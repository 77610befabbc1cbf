import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { OwnDevices } from '#shared/contract/vault.ts';
import { deviceIdSchema } from '#shared/model/ids.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { DevicesSection } from './devices-section.tsx';

let end = () => {};
afterEach(() => end());

const code = '11111 22222 33333 44444 55555 66666';
const lap: OwnDevices['devices'][number] = {
  id: deviceIdSchema.parse('A'.repeat(22)),
  ...{ name: 'Laptop', state: 'waits', code, accepted: false, seenAt: Date.now(), sameAt: null },
};
const nothing = { files: 0, bytes: 0 };
const off: OwnDevices = {
  ...{ on: false, name: 'Desk', devices: [{ ...lap, state: 'off', code: null }], entries: 0, waiting: nothing },
  ...{ reading: nothing, conflicts: 0, received: 0, current: [] },
};

function show(first: OwnDevices) {
  let now = first;
  const agent = play({
    answers: {
      'vault.devices': () => now,
      'vault.devicesOn': () => {
        now = { ...now, on: true, entries: 12, devices: [lap] };
        return now;
      },
      'vault.devicesOff': () => {
        now = off;
        return now;
      },
      'vault.acceptDevice': (input) => {
        expect(input).toEqual({ device: lap.id, code });
        now = { ...now, devices: [{ ...lap, state: 'coming', accepted: true }] };
        return now;
      },
    },
  });
  end = renderWith(agent, <DevicesSection />).end;
  return agent;
}

it('is turned on only after what it means was read, and accepts a device only by its digits', async () => {
  const agent = show(off);
  const toggle = await screen.findByRole('switch', { name: 'Keep the files of my devices the same' });
  await waitFor(() => expect((toggle as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(toggle);
  expect(await screen.findByText(/Each device stores a copy of all files/)).toBeTruthy();
  expect(agent.calls).not.toContain('vault.devicesOn');
  fireEvent.click(screen.getByRole('button', { name: 'Turn it on' }));
  expect(await screen.findByText('Not accepted here yet')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Compare and accept…' }));
  expect(await screen.findByText(code)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'The digits are the same' }));
  expect(await screen.findByText('Files on their way')).toBeTruthy();
});

it('says what comes, from where, and why nothing goes on', async () => {
  show({
    ...off,
    ...{ on: true, entries: 1200, waiting: { files: 3, bytes: 5_000_000 }, conflicts: 2 },
    devices: [
      { ...lap, state: 'coming', accepted: true },
      { ...lap, id: deviceIdSchema.parse('B'.repeat(22)), name: 'Box', state: 'waits-there', accepted: true },
    ],
    current: [{ name: '/photos/beach.jpg', size: 4_000_000, received: 1_000_000, from: 'Laptop' }],
    problem: { text: 'The disk is full.', next: 'Make room on this computer.' },
  });
  expect(await screen.findByText('/photos/beach.jpg')).toBeTruthy();
  for (const words of ['The disk is full.', 'Files on their way', 'Not accepted there yet', code, '1,200']) {
    expect(screen.getByText(words)).toBeTruthy();
  }
  expect(screen.getByText(/^3 files/)).toBeTruthy();
  // It was accepted here: there is nothing to be done on this device.
  expect(screen.queryByRole('button', { name: 'Compare and accept…' })).toBeNull();
});
