import { describe, expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
import { createKnown } from './known.ts';
import { createMachinesKeeper } from './machines.ts';
import { createOpenings } from './openings.ts';
import { createTargets } from './targets.ts';

const machine = (n: number) => ({
  machine: `m${n}`,
  socketPath: `/run/m${n}`,
  mac: `52:54:00:00:00:0${n}`,
  rules: ['tcp/22'],
});

/** A thread that notes what it is asked. */
function fakeThread(refuses: string[] = [], failing = { rules: 0 }) {
  const asked: unknown[] = [];
  const call = {
    async attachMachine(of: { machine: string; rules: readonly string[] }) {
      asked.push(['attach', of.machine, ...of.rules]);
      if (refuses.includes(of.machine)) throw new RangeError('another has this address');
    },
    async detachMachine(name: string) {
      asked.push(['detach', name]);
    },
    async setMachineRules(name: string, rules: readonly string[]) {
      asked.push(['rules', name, ...rules]);
      if (failing.rules-- > 0) throw new RangeError('not now');
    },
    machineTraffic: async () => null,
  };
  return { asked, thread: { call } as unknown as EngineThread };
}

describe('machines of an agent whose mesh node comes and goes', () => {
  const ann = { keys: ['a1'.repeat(32)], blocked: false };
  const names = createKnown({
    names: () => [{ contact: 'c1', label: 'ann', meshKeys: ann.keys, verified: true }],
    peers: () => [{ contact: 'c1', meshKeys: ann.keys, blocked: ann.blocked }],
    ownDevices: () => [],
    onChange: () => () => {},
  });
  const openings = createOpenings({ names, targets: createTargets(names) });

  function keeper() {
    const state: { thread: EngineThread | null; subnet: Uint8Array | null } = { thread: null, subnet: null };
    const kept = createMachinesKeeper({
      ...{ log: silentLog, mtu: 1400, running: () => state.thread, subnet: () => state.subnet },
      openings,
    });
    return { state, ...kept };
  }
  const subnet = parseAddress('4a1:2:3:4::');

  it('have a place only where the device has', () => {
    const { state, machines } = keeper();
    expect(machines.place('52:54:00:00:00:01')).toBeNull();
    state.subnet = subnet;
    expect(machines.place('52:54:00:00:00:01')).toEqual({
      ...{ address: '4a1:2:3:4:5054:ff:fe00:1', router: 'fe80::1', mtu: 1400 },
    });
    expect(machines.place('no mac')).toBeNull();
  });

  it('are joined when the node starts, with what holds by then, whatever becomes of one of them', async () => {
    const { state, machines, attachAll, some } = keeper();
    expect(some()).toBe(false);
    expect(await machines.attach(machine(1))).toEqual({ address: null });
    await machines.attach(machine(2));
    await machines.attach(machine(3));
    await machines.setRules('m2', ['udp/53']);
    await machines.setRules('nobody', ['udp/53']);
    await machines.detach('m3');
    expect(await machines.counters('m1')).toBeNull();
    const first = fakeThread(['m1']);
    state.thread = first.thread;
    state.subnet = subnet;
    await attachAll(first.thread);
    expect(first.asked).toEqual([
      ['attach', 'm1', 'tcp/22'],
      ['attach', 'm2', 'udp/53'],
    ]);
    expect(some()).toBe(true);
    expect(await machines.attach(machine(4))).toEqual({ address: '4a1:2:3:4:5054:ff:fe00:4' });
    await expect(
      createMachinesKeeper({
        ...{ log: silentLog, mtu: 1400, running: () => first.thread, subnet: () => subnet },
        openings,
      }).machines.attach(machine(1)),
    ).rejects.toThrow(/address/);
  });

  it('are told whom a name means when that changes, and nothing when it does not', async () => {
    const { state, machines, namesChanged } = keeper();
    const failing = { rules: 0 };
    const { asked, thread } = fakeThread([], failing);
    Object.assign(state, { thread, subnet });
    const address = () => addressText(names.addresses('ann')[0] ?? new Uint8Array(16));
    const kept = machines.keepRule('tcp/22 from ann');
    expect(kept).toBe('tcp/22 from @c1');
    await machines.attach({ ...machine(1), rules: [kept, 'icmp'] });
    await machines.attach(machine(2));
    const before = address();
    expect(asked.splice(0)).toEqual([
      ['attach', 'm1', `tcp/22 from ${before}`, 'icmp'],
      ['attach', 'm2', 'tcp/22'],
    ]);
    await namesChanged();
    expect(asked).toEqual([]);
    ann.keys = ['b2'.repeat(32)];
    names.changed();
    await namesChanged();
    expect(address()).not.toBe(before);
    expect(asked.splice(0)).toEqual([['rules', 'm1', `tcp/22 from ${address()}`, 'icmp']]);
    ann.blocked = true;
    names.changed();
    await namesChanged();
    expect(asked.splice(0)).toEqual([['rules', 'm1', 'icmp']]);
    // What failed is told again.
    ann.blocked = false;
    names.changed();
    failing.rules = 1;
    await namesChanged();
    await namesChanged();
    await namesChanged();
    const opened = ['rules', 'm1', `tcp/22 from ${address()}`, 'icmp'];
    expect(asked.splice(0)).toEqual([opened, opened]);
    state.thread = null;
    ann.blocked = true;
    names.changed();
    await namesChanged();
    expect(asked).toEqual([]);
  });
});
