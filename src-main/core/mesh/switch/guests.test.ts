import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from '#core/machines/testing/rig.ts';
import { guestShell } from '#core/machines/testing/shell.ts';
import type { Machine } from '#shared/contract/machines.ts';
import type { EngineCalls } from '../engine/protocol.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import type { People } from '../service/ports.ts';
import { until } from '../testing/test-node.ts';
import { startSwitchNode } from './testing/node.ts';

const missing = process.platform === 'win32' ? 'Node has no unix sockets on Windows' : await missingParts();
if (missing !== null) console.warn(`guests.test.ts is skipped: ${missing}.`);

/** A computer with a node and machines, as the agent puts them together; the engine runs in this thread. */
interface Computer {
  readonly rig: Rig;
  readonly engine: EngineCalls;
  readonly port: number;
  /** The node's public key, hex. */
  readonly key: string;
  /** Their contacts change. */
  know(people: readonly Known[]): Promise<void>;
  readonly shell: (command: string) => Promise<string>;
  machine(): Promise<Machine>;
  configure(change: { open?: string[]; close?: string[] }): Promise<void>;
  /** The agent ends and starts again: node, switch and machines domain are new, QEMU is as it was. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A contact by one device's key. */
interface Known {
  readonly label: string;
  readonly key: string;
  readonly blocked?: boolean;
}

async function startComputer(name: string): Promise<Computer> {
  const secret = systemRandom(32);
  let contacts: readonly Known[] = [];
  const people: People = {
    names: () =>
      contacts.flatMap(({ label, key, blocked }) =>
        blocked ? [] : [{ contact: `id-${label}`, label, meshKeys: [key], verified: true }],
      ),
    peers: () =>
      contacts.map(({ label, key, blocked = false }) => ({ contact: `id-${label}`, meshKeys: [key], blocked })),
    ownDevices: () => [],
    onChange: () => () => {},
  };
  let now = await startSwitchNode(secret, people);
  const rig = await createRig({ mesh: now.mesh });
  const handlers = () => rig.machines.handlers;
  return {
    rig,
    get engine() {
      return now.engine;
    },
    get port() {
      return now.port;
    },
    key: toHex(createNodeIdentity(secret, systemRandom).publicKey),
    async know(known) {
      contacts = known;
      await now.peopleChanged();
    },
    shell: guestShell(() => rig, name),
    machine: async () => (await handlers()['machines.get']({ machine: name }, fakeTask())).machine,
    async configure(change) {
      await handlers()['machines.configure']({ machine: name, ...change }, fakeTask());
    },
    async restart() {
      await now.stop();
      now = await startSwitchNode(secret, people);
      await rig.restart({ mesh: now.mesh });
    },
    async stop() {
      await rig.close();
      await now.stop();
    },
  };
}

/** A request by hand: the wget of Debian's static busybox falls over its own timeout. */
const get = (to: string, port: number): string =>
  `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 10 ${to} ${port} || echo "ended" without`;

describe.skipIf(missing !== null)('machines of two computers on the mesh', { timeout: 120_000 }, () => {
  let [one, two]: Computer[] = [];
  const of = (computer: Computer | undefined): Computer => {
    if (computer === undefined) throw new Error('no computer');
    return computer;
  };
  const addressOf = async (computer: Computer): Promise<string> => {
    const { mesh } = await computer.machine();
    if (mesh === null) throw new Error('the machine is not on the mesh');
    return mesh.address;
  };
  const traffic = async (computer: Computer, name: string) => {
    const stop = new AbortController();
    for await (const { mesh } of computer.rig.machines.handlers['machines.metrics'](
      { machine: name },
      fakeTask(stop.signal),
    )) {
      stop.abort();
      return mesh;
    }
    return null;
  };

  beforeAll(async () => {
    [one, two] = await Promise.all([startComputer('one'), startComputer('two')]);
    of(one).engine.addPeer(`tcp://127.0.0.1:${of(two).port}`);
    const deploy = (computer: Computer, name: string) =>
      computer.rig.machines.handlers['machines.deploy'](spec({ name, diskMiB: 32 }), fakeTask());
    await Promise.all([deploy(of(one), 'one'), deploy(of(two), 'two')]);
    await until(async () => (await of(one).engine.routes()).some((route) => !route.direct || route.cost !== null));
  }, 180_000);

  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()]);
  });

  it('have their address from the start, and the card’s MTU', async () => {
    const said = await of(one).shell('ip -6 addr show | grep "scope global"; ip -6 route; ip link');
    expect(said).toContain(`inet6 ${await addressOf(of(one))}/128`);
    expect(said).not.toContain('tentative');
    expect(said).toMatch(/mtu 1400/);
  });

  it('are closed to each other until a rule opens them', async () => {
    const to = await addressOf(of(two));
    await of(two).shell(
      'mkdir -p /www; echo hello over the mesh > /www/index.html; httpd -p "[::]:80" -h /www; httpd -p "[::]:81" -h /www',
    );
    expect(await of(one).shell(`ping -6 -c 1 -W 3 ${to}`)).toMatch(/100% packet loss/);
    expect(await of(one).shell(`${get(to, 80)}`)).toMatch(/ended without/);
    expect((await traffic(of(two), 'two'))?.dropped.firewall).toBeGreaterThanOrEqual(2);

    await of(two).configure({ open: ['icmp', `tcp/80 from ${await addressOf(of(one))}`] });
    expect(await of(one).shell(`ping -6 -c 2 -W 5 ${to}`)).toMatch(/ 0% packet loss/);
    expect(await of(one).shell(`${get(to, 80)}`)).toContain('hello over the mesh');
    expect(await of(one).shell(`${get(to, 81)}`)).toMatch(/ended without/);
  });

  it('count what they move', async () => {
    // What one has sent, the other has received or its firewall has kept out; acknowledgements may still be on their way.
    await until(async () => {
      const [mine, theirs] = [await traffic(of(one), 'one'), await traffic(of(two), 'two')];
      const arrived = (theirs?.received.packets ?? 0) + (theirs?.dropped.firewall ?? 0);
      return mine !== null && mine.sent.packets > 6 && mine.sent.packets === arrived;
    });
    const { metrics } = await of(two).machine();
    expect(metrics?.netReceived).toBeGreaterThanOrEqual(metrics?.mesh?.received.bytes ?? Number.POSITIVE_INFINITY);
    expect(metrics?.mesh?.sent.bytes).toBeGreaterThan(500);
  });

  it('hear that another address is taken, and are not heard under it', async () => {
    const address = await addressOf(of(two));
    const other = address.replace(/[^:]+$/, 'beef');
    const asked = of(two).shell(
      `echo 1 > /proc/sys/net/ipv6/conf/eth1/accept_dad; ip -6 addr add ${other}/128 dev eth1; ` +
        'while ip -6 addr show dev eth1 | grep beef | grep -q tentative && ! ip -6 addr show dev eth1 | grep -q dadfailed; do usleep 50000; done; ip -6 addr show dev eth1',
    );
    expect(await asked).toMatch(/beef\/128 scope global .*dadfailed/);
    const before = (await traffic(of(two), 'two'))?.dropped.spoofed ?? 0;
    await of(two).shell(
      `ip -6 addr del ${other}/128 dev eth1; echo 0 > /proc/sys/net/ipv6/conf/eth1/accept_dad; ip -6 addr add ${other}/128 dev eth1; ` +
        `ping -6 -c 1 -W 1 -I ${other} ${await addressOf(of(one))}; ip -6 addr del ${other}/128 dev eth1`,
    );
    await until(async () => ((await traffic(of(two), 'two'))?.dropped.spoofed ?? 0) > before);
  });

  it('are open to the agent that runs them and to no other', async () => {
    const to = parseAddress(await addressOf(of(one)));
    if (to === null) throw new Error('no address');
    expect((await of(one).engine.ping(to, { timeout: 5_000 })).kind).toBe('reply');
    expect(await of(one).engine.probe(to, 22, 10_000)).toBeGreaterThan(0);
    await expect(of(two).engine.probe(to, 22, 10_000)).rejects.toThrow(/firewall|refused|reach/i);
    expect((await of(two).engine.ping(to, { timeout: 5_000 })).kind).toBe('unreachable');
  });

  it('are open to a contact, through a restart, and no more once they are blocked', async () => {
    const to = parseAddress(await addressOf(of(one)));
    if (to === null) throw new Error('no address');
    await expect(of(one).configure({ open: ['tcp/22 from two'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const contact = { label: 'two', key: of(two).key };
    await of(one).know([contact]);
    await of(one).configure({ open: ['tcp/22 from two.hypha'] });
    expect((await of(one).machine()).spec.firewall).toEqual(['tcp/22 from two']);
    expect((await of(one).machine()).openings).toMatchObject([
      { who: 'two', everybody: false, peers: [{ state: 'in' }] },
    ]);
    // From the person's node, and not from their machines.
    expect(await of(two).engine.probe(to, 22, 10_000)).toBeGreaterThan(0);
    expect(await of(two).shell(get(await addressOf(of(one)), 22))).toMatch(/ended without/);
    await of(one).restart();
    of(one).engine.addPeer(`tcp://127.0.0.1:${of(two).port}`);
    await until(async () => (await of(one).machine()).state === 'running');
    await until(() =>
      of(two)
        .engine.probe(to, 22, 1_000)
        .then(
          () => true,
          () => false,
        ),
    );
    await of(one).know([{ ...contact, blocked: true }]);
    await expect(of(two).engine.probe(to, 22, 1_000)).rejects.toThrow();
    expect((await of(one).machine()).openings).toMatchObject([{ peers: [{ state: 'blocked' }] }]);
    await of(one).know([]);
    await expect(of(two).engine.probe(to, 22, 10_000)).rejects.toThrow(/firewall|refused|reach/i);
    const [gone = ''] = (await of(one).machine()).spec.firewall;
    expect(gone).toBe('tcp/22 from @id-two');
    await of(one).configure({ close: [gone] });
    expect((await of(one).machine()).spec.firewall).toEqual([]);
  });

  it('keep address, rules and connections through a restart of their agent', async () => {
    const [from, to] = [await addressOf(of(one)), await addressOf(of(two))];
    // A connection that machine `one` has begun before, and goes on with afterwards.
    await of(two).shell(
      "(nc -l -p 7 -e cat > /dev/null 2>&1 &); until grep -q ':0007 ' /proc/net/tcp6; do usleep 20000; done",
    );
    await of(two).configure({ open: ['tcp/7'] });
    await of(one).shell(`mkfifo /tmp/in; (nc ${to} 7 < /tmp/in > /tmp/out &) ; exec 3> /tmp/in; echo before >&3`);
    await until(async () => (await of(one).shell('cat /tmp/out')).includes('\nbefore'));
    await of(one).restart();
    of(one).engine.addPeer(`tcp://127.0.0.1:${of(two).port}`);
    await until(async () => (await of(one).machine()).state === 'running');
    expect(await addressOf(of(one))).toBe(from);
    expect(await of(one).shell(`until ping -6 -c 1 -W 1 ${to} > /dev/null; do :; done; echo there "again"`)).toContain(
      'there again',
    );
    await of(one).shell('echo after >&3');
    await until(async () => (await of(one).shell('cat /tmp/out')).includes('\nafter'));
  });

  it('keep their card through a snapshot, put back while they run and after they were off', async () => {
    const { handlers } = of(two).rig.machines;
    const to = await addressOf(of(two));
    const reached = async (): Promise<void> => {
      const address = parseAddress(to);
      if (address === null) throw new Error('no address');
      await until(
        async () =>
          (
            await of(one)
              .engine.ping(address, { timeout: 2_000 })
              .catch(() => null)
          )?.kind === 'reply',
      );
    };
    await reached();
    await handlers['machines.snapshot']({ machine: 'two', name: 'on the mesh' }, fakeTask());
    await handlers['machines.restoreSnapshot']({ machine: 'two', name: 'on the mesh' }, fakeTask());
    await reached();
    await handlers['machines.stop']({ machine: 'two', force: true }, fakeTask());
    expect((await of(two).machine()).mesh).toBeNull();
    await handlers['machines.restoreSnapshot']({ machine: 'two', name: 'on the mesh' }, fakeTask());
    expect(await addressOf(of(two))).toBe(to);
    await reached();
  });
});
