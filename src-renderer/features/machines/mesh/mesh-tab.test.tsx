import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { deviceSchema } from '#shared/contract/identity.ts';
import type { Machine } from '#shared/contract/machines.ts';
import { meshOff, meshOn } from '../../../testing/mesh-samples.ts';
import type { MeshWorld } from '../../../testing/mesh-scenes.ts';
import { renderWith } from '../../../testing/render.tsx';
import * as samples from '../../../testing/samples.ts';
import { play } from '../../../testing/scenes.ts';
import { ReachPart } from '../deploy/reach-part.tsx';
import { FirewallField } from './firewall-field.tsx';
import { MeshTab } from './mesh-tab.tsx';
import { openingOf } from './opening.ts';

let end = () => {};
afterEach(() => end());

const address = '4a1:2:3:4:ff:fe00:1:2';
const on: MeshWorld = { status: meshOn, peers: [], routes: [] };

/** A running machine with an address on the mesh. */
function onMesh(more: Partial<Machine> = {}, firewall: string[] = []): Machine {
  const machine = samples.machine('web-1', 'running');
  const running = { cpus: 1, memoryMiB: 256, internet: false, sshKeys: [] };
  return { ...machine, running, mesh: { address }, ...withOpenings(machine, firewall), ...more };
}

const people = [
  samples.contact('c-1', 'Ann Miller', 'ann'),
  samples.contact('c-2', 'Ben', 'ben', { blocked: true }),
  samples.contact('c-3', 'Cleo', 'cleo', { state: 'waiting' }),
];

const device = (id: string, name: string, more: object) =>
  deviceSchema.parse({ id, name, label: null, current: false, certifiedAt: 0, revokedAt: null, ...more });
const myDevices = [
  device('A'.repeat(16), 'Study desk', { label: 'study-desk', current: true }),
  device('B'.repeat(16), 'Phone', { label: 'phone' }),
  device('C'.repeat(16), 'Lost laptop', { revokedAt: 1 }),
];

/** Openings as the agent tells them: people by name. */
function withOpenings({ spec }: Machine, rules: readonly string[]) {
  const firewall = rules.map((rule) => rule.replace('@c-1', 'ann'));
  const openings = firewall.map((rule) => ({ ...openingOf(rule, people), who: '' }));
  return { spec: { ...spec, firewall }, openings: openings.map((one) => ({ ...one, peers: [...one.peers] })) };
}

/** The tab of a machine that changes as it is asked to. What it was asked is returned. */
function show(machine: Machine, mesh: MeshWorld = on) {
  const asked: unknown[] = [];
  let now = machine;
  const agent = play({
    mesh,
    answers: {
      'machines.get': () => ({ machine: now }),
      'machines.configure': (input) => {
        asked.push(input);
        const { open = [], close = [] } = input;
        const firewall = [...now.spec.firewall.filter((rule) => !close.includes(rule)), ...open];
        now = { ...now, ...withOpenings(now, firewall) };
        return { machine: now, restartNeeded: false };
      },
      'machines.metrics': async function* () {},
      'contacts.list': () => ({ contacts: people }),
      'identity.devices': () => ({ devices: myDevices }),
    },
  });
  end = renderWith(agent, routed(<MeshTab machine={machine} />)).end;
  return asked;
}

/** Inside a router, for there are links. */
function routed(children: ReactNode) {
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => children });
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory() });
  return <RouterProvider router={router as never} />;
}

const press = async (name: string) => {
  const button = await screen.findByRole('button', { name });
  await waitFor(() => expect((button as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(button);
};

it('opens it to another device of one’s own, which is picked by its name', async () => {
  const asked = show(onMesh());
  await press('Open something');
  fireEvent.click(await screen.findByRole('radio', { name: 'Your devices' }));
  const list = within(await screen.findByRole('group', { name: 'Which of your other devices' }));
  // Neither this one, which needs no opening, nor one that was revoked.
  expect(list.getAllByRole('checkbox').length).toBe(1);
  fireEvent.click(screen.getByRole('button', { name: 'SSH' }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Choose at least one device');
  fireEvent.click(list.getByRole('checkbox', { name: /Phone/ }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  await waitFor(() => expect(asked).toMatchObject([{ open: ['tcp/22 from phone.me'] }]));
});

it('gives the address to be copied, and says that nobody comes in', async () => {
  show(onMesh());
  expect(await screen.findByText('on the mesh now')).toBeTruthy();
  expect(screen.getByText(address)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Copy address on the mesh' })).toBeTruthy();
  expect(screen.getByText('Nobody on the mesh reaches it.')).toBeTruthy();
});

it('leads to the mesh while this device is not there, and shows no address', async () => {
  show(onMesh(), { status: meshOff, peers: [], routes: [] });
  const link = await screen.findByRole('link', { name: 'Join the mesh' });
  expect(link.getAttribute('href')).toBe('/mesh');
  expect(screen.queryByText(address)).toBeNull();
});

it('says that it is there from its next start on', async () => {
  show(onMesh({ mesh: null, waiting: ['mesh'] }));
  expect(await screen.findByText('from its next start on')).toBeTruthy();
  expect(screen.getByText(/Shut it down and start it/)).toBeTruthy();
});

it('opens to those who are named, and not before somebody is', async () => {
  const asked = show(onMesh());
  await press('Open something');
  fireEvent.click(screen.getByRole('button', { name: 'SSH' }));
  expect(screen.getByRole('button', { name: 'SSH' }).getAttribute('aria-pressed')).toBe('true');
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Choose at least one contact');
  fireEvent.click(screen.getByRole('radio', { name: 'Addresses' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Until then nobody comes in');
  expect(asked).toEqual([]);
  fireEvent.change(screen.getByLabelText('Addresses or prefixes'), { target: { value: '4A1:9::/64\n4a1:8::1' } });
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  await waitFor(() => expect(asked).toEqual([{ machine: 'web-1', open: ['tcp/22 from 4a1:9::/64,4a1:8::1'] }]));
  const list = await screen.findByRole('list', { name: 'Who reaches it over the mesh' });
  expect(within(list).getByText('for 4a1:9::/64, 4a1:8::1')).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('opens to a contact, and to nobody who is blocked or not quite there yet', async () => {
  const asked = show(onMesh());
  await press('Open something');
  fireEvent.click(screen.getByRole('button', { name: 'SSH' }));
  const names = (await screen.findAllByRole('checkbox')).map((one) => [
    one.getAttribute('aria-checked'),
    (one as HTMLButtonElement).disabled,
    one.parentElement?.textContent,
  ]);
  expect(names).toEqual([
    ['false', false, 'Ann Miller'],
    ['false', true, 'Benblocked'],
    ['false', true, 'Cleotheir card has not come yet'],
  ]);
  fireEvent.click(screen.getByRole('checkbox', { name: 'Ann Miller' }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  await waitFor(() => expect(asked).toEqual([{ machine: 'web-1', open: ['tcp/22 from @c-1'] }]));
  const list = await screen.findByRole('list', { name: 'Who reaches it over the mesh' });
  expect(within(list).getByText('for Ann Miller')).toBeTruthy();
  await press('Open something');
  fireEvent.click(screen.getByRole('button', { name: 'SSH' }));
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Ann Miller' }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to them' }));
  expect((await screen.findByRole('alert')).textContent).toContain('SSH (TCP 22), for Ann Miller');
  expect(asked).toHaveLength(1);
});

it('warns before everybody is let in, and does not open the same twice', async () => {
  const asked = show(onMesh({}, ['icmp']));
  await press('Open something');
  expect(screen.queryByText(/strangers too/)).toBeNull();
  fireEvent.click(screen.getByRole('radio', { name: 'Everybody' }));
  expect(screen.getByText(/strangers too/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Ping' }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to everybody' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Ping, for everybody on the mesh');
  expect(asked).toEqual([]);
});

it('closes one, and leaves the keyboard where it can go on', async () => {
  const asked = show(onMesh({}, ['tcp/22', 'icmp']));
  await press('Close SSH (TCP 22), for everybody on the mesh');
  await waitFor(() => expect(asked).toEqual([{ machine: 'web-1', close: ['tcp/22'] }]));
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(1));
  expect(document.activeElement?.textContent).toBe('Open something');
});

it('tells what moved and what was kept out, in words where there are words', async () => {
  const machine = onMesh();
  const mesh = {
    received: { packets: 3041, bytes: 2_097_152 },
    sent: { packets: 1, bytes: 60 },
    dropped: { firewall: 12, 'something-new': 1 },
  };
  show({ ...machine, metrics: machine.metrics && { ...machine.metrics, mesh } });
  expect(await screen.findByText('2 MiB in 3,041 packets')).toBeTruthy();
  expect(screen.getByText('60 B in 1 packet')).toBeTruthy();
  expect(screen.getByText('12 packets').nextSibling?.textContent).toBe('not open to the other side');
  expect(screen.getByText('something-new')).toBeTruthy();
});

it('says before a machine is deployed who will reach it, and that all else is closed', () => {
  const shown = (state: 'on' | 'off' | 'without', rules: string[]): string => {
    const openings = rules.map((rule) => ({ ...openingOf(rule, people), peers: [], who: '' }));
    const text = renderWith(play({}), <ReachPart reach={{ state, text: '', openings }} />);
    const said = screen.getByRole('region', { name: 'Over the mesh' }).textContent ?? '';
    text.end();
    return said;
  };
  expect(shown('on', [])).toContain('Nobody on the mesh reaches it: everything is closed.');
  expect(shown('on', ['tcp/22'])).toMatch(/SSH \(TCP 22\).*for everybody on the mesh.*Everything else is closed\./);
  expect(shown('off', [])).toMatch(/has not joined .*everything is closed\./);
  expect(shown('off', ['tcp/22'])).toMatch(/has not joined the mesh.*SSH.*Everything else is closed\./);
  expect(shown('without', ['tcp/22'])).toBe(
    'Over the meshIt gets no card for the mesh here, so nobody there reaches it.',
  );
});

it('adds to a form without sending that form', async () => {
  const rules: string[][] = [];
  let sent = 0;
  const form = (
    <form onSubmit={() => (sent += 1)}>
      <FirewallField value={['icmp']} onChange={(value) => rules.push(value)} error={undefined} />
    </form>
  );
  end = renderWith(play({}), form).end;
  await press('Open something');
  fireEvent.click(screen.getByRole('button', { name: 'HTTP' }));
  fireEvent.click(screen.getByRole('radio', { name: 'Everybody' }));
  fireEvent.click(screen.getByRole('button', { name: 'Open it to everybody' }));
  await waitFor(() => expect(rules).toEqual([['icmp', 'tcp/80']]));
  await press('Close Ping, for everybody on the mesh');
  expect(rules[1]).toEqual([]);
  expect(sent).toBe(0);
});
