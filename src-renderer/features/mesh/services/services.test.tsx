import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { RelayId } from '#shared/contract/mesh/index.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { Exposures } from './exposures.tsx';
import { SocksSection } from './socks.tsx';

let end = () => {};
afterEach(() => end());

const press = async (name: string) => {
  const button = await screen.findByRole('button', { name });
  await waitFor(() => expect((button as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(button);
};

it('offers nothing to anybody until somebody is named', async () => {
  const asked: unknown[] = [];
  const agent = play({
    answers: {
      'mesh.expose': (input) => {
        asked.push(input);
        const counts = { connections: 0, received: 0, sent: 0 };
        const exposure = { id: 'e-1' as RelayId, port: 80, localPort: 8080, allow: input.allow, detail: '', ...counts };
        return { exposure: { ...exposure, state: 'open' } };
      },
    },
  });
  end = renderWith(agent, <Exposures address="4a2::1" />).end;
  expect(await screen.findByText('Nothing is offered: nobody can connect.')).toBeTruthy();
  await press('Offer a service');
  fireEvent.change(screen.getByLabelText('Port on this computer'), { target: { value: '8080' } });
  fireEvent.click(screen.getByRole('button', { name: 'Offer it to them' }));
  expect((await screen.findByRole('alert')).textContent).toContain('until then nobody may connect');
  expect(asked).toEqual([]);

  fireEvent.change(screen.getByLabelText('Addresses or names'), { target: { value: 'ann.hypha\n4a2::7' } });
  fireEvent.click(screen.getByRole('button', { name: 'Offer it to them' }));
  await waitFor(() => expect(asked).toEqual([{ localPort: 8080, allow: ['ann.hypha', '4a2::7'] }]));
});

it('warns before everybody is let in', async () => {
  end = renderWith(play({}), <Exposures address="4a2::1" />).end;
  await press('Offer a service');
  fireEvent.click(screen.getByRole('radio', { name: 'Everybody' }));
  expect(screen.getByText(/strangers too, could connect/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Offer it to everybody' })).toBeTruthy();
});

it('gives the proxy’s address to be copied and does not show its password', async () => {
  end = renderWith(play({}), <SocksSection />).end;
  const toggle = await screen.findByRole('switch', { name: 'SOCKS proxy' });
  await waitFor(() => expect((toggle as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(toggle);
  expect(await screen.findByRole('button', { name: 'Copy the proxy address' })).toBeTruthy();
  expect(document.body.textContent).toContain('127.0.0.1:40915');
  expect(document.body.textContent).not.toContain('example@');
});
