import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { meshOff, meshOn } from '../../../testing/mesh-samples.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { JoinPanel } from './join-panel.tsx';

let end = () => {};
afterEach(() => end());

it('joins as the person chose, and says what it means before', async () => {
  const asked: unknown[] = [];
  const agent = play({
    answers: {
      'mesh.join': (input) => {
        asked.push(input);
        return meshOn;
      },
    },
  });
  end = renderWith(agent, <JoinPanel status={meshOff} />).end;
  expect(await screen.findByText(/encrypted from end to end/)).toBeTruthy();
  expect(screen.getByRole('radio', { name: 'Everybody: public nodes, too' }).getAttribute('aria-checked')).toBe('true');
  fireEvent.click(screen.getByRole('radio', { name: 'Only the local network' }));
  fireEvent.click(screen.getByRole('switch', { name: 'Let others connect' }));
  const button = screen.getByRole('button', { name: 'Join the mesh' });
  await waitFor(() => expect((button as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(button);
  await waitFor(() => expect(asked).toEqual([{ publicPeers: false, listen: false }]));
});
