import { describe, expect, it } from 'vitest';
import { withoutMesh } from '../openings.ts';
import type { MeshMachine, MeshSwitch } from '../ports.ts';
import type { Qmp } from '../qemu/qmp.ts';
import { type MachineRecord, meshMac, neverStarted, newMachineId, newUuid } from '../record.ts';
import { realHost, silentLog, spec } from '../testing/rig.ts';
import { waitingOf } from '../view.ts';
import type { GuestNetwork, NetworkLink } from './guest-network.ts';
import { knowsStream, meshNetwork } from './mesh.ts';
import { slirpNetwork } from './slirp.ts';

const qmp = {} as Qmp;

function setUp(platform: NodeJS.Platform = 'linux') {
  const joined: MeshMachine[] = [];
  const gone: string[] = [];
  const state = { on: true, refuses: false };
  const mesh: MeshSwitch = {
    place: (mac) => (state.on ? { address: `4a1::${mac.slice(-2)}`, router: 'fe80::1', mtu: 1400 } : null),
    async attach(machine) {
      if (state.refuses) throw new RangeError('another has this address');
      joined.push(machine);
      return { address: null };
    },
    async detach(id) {
      gone.push(id);
    },
    async setRules() {},
    counters: async () => null,
    ...withoutMesh,
  };
  let closed = 0;
  const link: NetworkLink = {
    ...{ sshPort: 22, sshAnswers: async () => true, counters: () => ({ received: 1, sent: 2 }), mesh: null },
    ...{ hasInternetCard: true, internet: true, async setInternet() {} },
    async close() {
      closed++;
    },
  };
  const under: GuestNetwork = { ...slirpNetwork, attach: async () => link };
  const network = meshNetwork(under, { mesh, runDir: '/run/a,b', log: silentLog, platform });
  return { network, state, joined, gone, closed: () => closed };
}

const machine = { id: 'abcdefghijkl', internet: false, mesh: true, firewall: ['tcp/22'] };
const mac = meshMac(machine.id);

describe('the card for the mesh', () => {
  it('has a MAC that nobody else has: locally administered, no group’s, bound to the id', () => {
    expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(meshMac(machine.id)).toBe(mac);
    const firsts = Array.from({ length: 64 }, (_, n) => Number.parseInt(meshMac(`machine-${n}`).slice(0, 2), 16));
    expect(firsts.every((byte) => (byte & 3) === 2)).toBe(true);
    expect(new Set(firsts).size).toBeGreaterThan(16);
  });

  it('is QEMU’s own socket in the machine’s place, and told to the guest', () => {
    const { network } = setUp();
    expect(network.offersMesh(machine.id)).toBe(true);
    const words = network.arguments(machine).join(' ');
    expect(words).toContain(
      '-netdev stream,id=mesh0,server=on,addr.type=unix,addr.path=/run/a,,b/abcdefghijkl/mesh.sock -device virtio-net-pci,netdev=mesh0',
    );
    expect(words).toContain(`mac=${mac},romfile=`);
    const address = `4a1::${mac.slice(-2)}`;
    const { mesh, micro, macs } = network.config(machine);
    expect(mesh).toEqual({ mac, address, router: 'fe80::1', mtu: 1400 });
    expect(micro).toMatchObject({ MESH_MAC: mac, MESH_ADDRESS: address, MESH_ROUTER: 'fe80::1', MESH_MTU: '1400' });
    // DHCP is asked on the other cards only.
    expect(macs).not.toContain(mac);
  });

  it('is not there without the mesh, on Windows, or with a QEMU before 7.2', () => {
    const { network, state } = setUp();
    const without = { ...machine, mesh: false };
    expect(network.arguments(without)).toEqual(slirpNetwork.arguments(without));
    expect(network.config(without).mesh).toBeNull();
    state.on = false;
    expect(network.offersMesh(machine.id)).toBe(false);
    // A snapshot was taken with it: the card is there, and nothing can be said of it.
    expect(network.arguments(machine).join(' ')).toContain('mesh0');
    expect(network.config(machine).mesh).toBeNull();
    expect(setUp('win32').network.offersMesh(machine.id)).toBe(false);
    expect(['6.2.0', '7.1.9', '7.2', '7.2.22', '8.0.0', '10.1.0', ''].map(knowsStream)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('is joined with the mesh as long as the machine runs', async () => {
    const { network, joined, gone, closed } = setUp();
    const link = await network.attach(machine, qmp, null);
    expect(joined).toEqual([
      { machine: machine.id, socketPath: '/run/a,b/abcdefghijkl/mesh.sock', mac, rules: ['tcp/22'] },
    ]);
    expect([link.sshPort, link.internet, link.hasInternetCard, link.counters()]).toEqual([
      22,
      true,
      true,
      { received: 1, sent: 2 },
    ]);
    expect(link.mesh?.address()).toBe(`4a1::${mac.slice(-2)}`);
    await link.close();
    expect([gone, closed()]).toEqual([[machine.id], 1]);
  });

  it('that cannot be joined leaves a machine that works', async () => {
    const { network, state, closed } = setUp();
    state.refuses = true;
    const link = await network.attach(machine, qmp, null);
    expect([link.mesh, link.sshPort]).toEqual([null, 22]);
    await link.close();
    expect(closed()).toBe(1);
  });

  it('waits for the next start of a machine that ran before the mesh was joined', () => {
    const wanted = spec({ name: 'a' });
    const { cpus, memoryMiB, diskMiB, internet, sshKeys } = wanted;
    const record = (hasMesh: boolean): MachineRecord => ({
      ...{
        ...neverStarted(),
        format: 'hypha-machine/1',
        id: newMachineId(realHost.random),
        uuid: newUuid(realHost.random),
      },
      ...{ spec: wanted, state: 'running', detail: '', wanted: 'running', createdAt: 1, user: 'root' },
      startedWith: { cpus, memoryMiB, diskMiB, internet, sshKeys, mesh: hasMesh },
    });
    const running = { cpus, memoryMiB, internet, sshKeys };
    expect([waitingOf(record(false), running, true), waitingOf(record(false), running, false)]).toEqual([['mesh'], []]);
    expect(waitingOf(record(true), running, true)).toEqual([]);
  });
});
