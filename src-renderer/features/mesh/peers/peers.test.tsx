import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentContract } from '#shared/contract/agent.ts';
import type { Answers } from '#shared/rpc/double.ts';
import { meshPeer, somePeers } from '../../../testing/mesh-samples.ts';
import { renderWith } from '../../../testing/render.tsx';
import { play } from '../../../testing/scenes.ts';
import { AddPeer } from './add-peer.tsx';
import { sortPeers } from './peer-order.ts';
import { PeerTable } from './peer-table.tsx';

let end = () => {};
afterEach(() => end());

const recorded = (answers: Answers<AgentContract> = {}) => {
  const asked: unknown[] = [];
  const agent = play({
    answers: {
      'mesh.addPeer': (input) => {
        asked.push(input);
        return { peer: meshPeer(input.endpoint) };
      },
      ...answers,
    },
  });
  return { agent, asked };
};

async function openAndType(text: string) {
  const button = await screen.findByRole('button', { name: 'Add a peer' });
  await waitFor(() => expect((button as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(button);
  fireEvent.change(await screen.findByLabelText('Link or address'), { target: { value: text } });
}

describe('adding a peer', () => {
  it('takes from a link what the person leaves chosen', async () => {
    const { agent, asked } = recorded();
    end = renderWith(agent, <AddPeer />).end;
    await openAndType('hypha://peer?e=tcp%3A%2F%2F192.168.1.4%3A9651&e=tcp%3A%2F%2F%5B2001%3Adb8%3A%3A4%5D%3A9651');
    fireEvent.click(screen.getByRole('checkbox', { name: 'tcp://192.168.1.4:9651' }));
    fireEvent.click(screen.getByRole('button', { name: 'Connect' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked).toEqual([{ endpoint: 'tcp://[2001:db8::4]:9651' }]);
  });

  it('says at the field what is wrong with it, and asks nothing of the agent', async () => {
    const { agent, asked } = recorded();
    end = renderWith(agent, <AddPeer />).end;
    await openAndType('not a peer');
    fireEvent.click(screen.getByRole('button', { name: 'Connect' }));
    expect((await screen.findByRole('alert')).textContent).toContain('neither a link to a peer nor an address');
    expect(asked).toEqual([]);
  });
});

describe('the table of peers', () => {
  it('lets only those be removed whom the person added', async () => {
    end = renderWith(play({}), <PeerTable peers={somePeers} ends={new Map()} onOpen={() => {}} />).end;
    const grid = await screen.findByRole('grid', { name: 'Peers' });
    expect(within(grid).getAllByRole('row')).toHaveLength(somePeers.length + 1);
    const names = within(grid)
      .getAllByRole('button', { name: /Remove the peer/ })
      .map((button) => button.getAttribute('aria-label'));
    expect(names).toEqual(['Remove the peer attic.example:9651', 'Remove the peer old-laptop.example:9651']);
    expect(grid.textContent).toContain('no answer');
    expect(grid.textContent).toContain('Nobody accepts connections there.');
  });

  it('sorts what is not known to the end, whichever way', () => {
    const order = (key: string, descending: boolean) =>
      sortPeers(somePeers, { key, descending }, (peer) => peer.endpoint).map((peer) => peer.rtt);
    expect(order('rtt', false).at(-1)).toBeNull();
    expect(order('rtt', true)).toEqual([81, 48.9, 34.2, 11.8, 0.62, null]);
    expect(order('state', false)[0]).toBe(0.62);
  });
});
