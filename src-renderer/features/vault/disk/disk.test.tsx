import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { renderWith } from '../../../testing/render.tsx';
import { diskOn } from '../../../testing/samples.ts';
import { play } from '../../../testing/scenes.ts';
import { DiskSection } from './disk-section.tsx';
import { addressFor, systemOf } from './how-to-connect.tsx';

let end = () => {};
afterEach(() => end());

const toggle = async (): Promise<HTMLButtonElement> => {
  const found = await screen.findByRole('switch', { name: 'Vault as a disk' });
  await waitFor(() => expect((found as HTMLButtonElement).disabled).toBe(false));
  return found as HTMLButtonElement;
};

it('lets no program in before what it means was read, and shows the password once', async () => {
  end = renderWith(play({}), <DiskSection />).end;
  fireEvent.click(await toggle());
  expect(await screen.findByText(/Every program that is given the password/)).toBeTruthy();
  expect(screen.queryByText(diskOn.address as string)).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Switch it on' }));
  expect(await screen.findByText('k3vw-7mqa-2xzd-ph5t-nr4c-yb6e')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Copy Password' })).toBeTruthy();
  await waitFor(() => expect(screen.getAllByText(/127\.0\.0\.1:41873/).length).toBeGreaterThan(0));
  fireEvent.click(await toggle());
  await waitFor(() => expect(screen.queryByText('k3vw-7mqa-2xzd-ph5t-nr4c-yb6e')).toBeNull());
});

it('makes a new password only when it was asked', async () => {
  end = renderWith(play({ disk: diskOn }), <DiskSection />).end;
  await toggle();
  expect(screen.getByText('Shown only when it was made.')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Make a new password' }));
  expect(await screen.findByText(/The one before stops working at once/)).toBeTruthy();
  expect(screen.queryByText('k3vw-7mqa-2xzd-ph5t-nr4c-yb6e')).toBeNull();
  fireEvent.click(screen.getAllByRole('button', { name: 'Make a new password' }).at(-1) as HTMLElement);
  expect(await screen.findByText('k3vw-7mqa-2xzd-ph5t-nr4c-yb6e')).toBeTruthy();
});

it('says what is wrong in words of its own', async () => {
  const problem = { code: 'PORT_TAKEN', text: 'x', next: 'y' } as const;
  end = renderWith(play({ disk: { ...diskOn, problem } }), <DiskSection />).end;
  expect(await screen.findByText(/Another program took the port/)).toBeTruthy();
});

it('knows which system it is shown on, and how that writes the address', () => {
  expect(['Win32', 'MacIntel', 'Linux x86_64', ''].map(systemOf)).toEqual(['windows', 'macos', 'linux', 'linux']);
  expect(addressFor('linux', 'http://127.0.0.1:1/vault/')).toBe('dav://127.0.0.1:1/vault/');
  expect(addressFor('windows', 'http://127.0.0.1:1/vault/')).toBe('http://127.0.0.1:1/vault/');
});
