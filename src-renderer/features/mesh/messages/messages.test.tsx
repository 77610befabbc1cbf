import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { someMessages } from '../../../testing/mesh-messages.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { HttpApiSection } from './http-api.tsx';
import { WriteDialog } from './write-dialog.tsx';

let end = () => {};
afterEach(() => end());

it('lets no program in before the warning was answered', async () => {
  const asked: unknown[] = [];
  const agent = play({
    answers: {
      'mesh.setHttpApi': (input) => {
        asked.push(input);
        return { on: input.on, port: input.port, topics: input.topics, detail: '' };
      },
    },
  });
  end = renderWith(agent, <HttpApiSection />).end;
  const toggle = await screen.findByRole('switch', { name: 'HTTP API' });
  await waitFor(() => expect((toggle as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(toggle);
  expect(await screen.findByText(/Every program that runs on this computer/)).toBeTruthy();
  expect(asked).toEqual([]);
  fireEvent.change(screen.getByLabelText('Topics'), { target: { value: 'news\n\n work \nnews' } });
  fireEvent.click(screen.getByRole('button', { name: 'Switch it on' }));
  await waitFor(() => expect(asked).toEqual([{ on: true, topics: ['news', 'work'], port: 8989 }]));
});

it('answers to the address a message came from, under its topic', async () => {
  const asked: unknown[] = [];
  const [first] = someMessages;
  if (!first) throw new Error('There is a message.');
  const replyTo = { ...first, topic: 'engine' };
  const agent = play({
    answers: {
      'mesh.send': (input) => {
        asked.push(input);
        return { message: replyTo };
      },
    },
  });
  let closed = false;
  end = renderWith(agent, <WriteDialog draft={{ to: 'ann', replyTo }} onClose={() => (closed = true)} />).end;
  fireEvent.click(await screen.findByRole('button', { name: 'Send' }));
  expect((await screen.findByRole('alert')).textContent).toBe('Write something first.');
  fireEvent.change(screen.getByLabelText('Message'), { target: { value: 'Sunday is fine.' } });
  // The connection to the double may not be there yet: then it says so, and the text is still there.
  await waitFor(() => {
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(asked).toHaveLength(1);
  });
  expect(asked).toEqual([{ to: first.address, text: 'Sunday is fine.', topic: 'engine', days: 7, replyTo: first.id }]);
  await waitFor(() => expect(closed).toBe(true));
});
