import { connect } from 'node:net';
import { fail } from '#shared/rpc/fail.ts';
import { type Qmp, QmpError } from '../qemu/qmp.ts';
import { macAddress } from '../record.ts';
import { openForward, sshGreets } from './forward.ts';
import type { GuestNetwork } from './guest-network.ts';

/*
 * User-mode networking inside QEMU (libslirp): no root, no driver. Card 0 is shut off (`restrict=on`: neither this computer nor the
 * internet) but for one way in, loopback to the guest's port 22; the agent's own listener lies before it and counts. Card 1,
 * only when asked for, reaches the internet; what passes there is seen by no one, so it is not in the counters.
 */
const inside = { net: '10.0.2.0/24', guest: '10.0.2.15' };
const outside = { net: '10.0.3.0/24', guest: '10.0.3.15', gateway: '10.0.3.2', dns: '10.0.3.3' };

/** The port QEMU took for its forward, from the human monitor's `info usernet` (QMP has no command for it). */
export function forwardedPort(usernet: string): number | null {
  const line = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+10\.0\.2\.15\s+22\b/.exec(usernet);
  return line?.[1] === undefined ? null : Number(line[1]);
}

/**
 * Plug the internet card in or out, as one would a cable: QEMU drops what passes between card and network while the link is down (QMP
 * `set_link`), whatever the guest does. False when the machine has no such card.
 */
async function plug(qmp: Qmp, on: boolean): Promise<boolean> {
  try {
    await qmp.execute('set_link', { name: 'net1', up: on });
    return true;
  } catch (error) {
    if (error instanceof QmpError && error.class === 'DeviceNotFound') return false;
    throw error;
  }
}

export const slirpNetwork: GuestNetwork = {
  config(machine) {
    const macs = [macAddress(machine.id, 0), ...(machine.internet ? [macAddress(machine.id, 1)] : [])];
    return {
      macs,
      mesh: null,
      micro: {
        MAC: macs[0] ?? '',
        ADDRESS: `${inside.guest}/24`,
        ...(machine.internet
          ? {
              INTERNET_MAC: macs[1] ?? '',
              INTERNET_ADDRESS: `${outside.guest}/24`,
              GATEWAY: outside.gateway,
              DNS: outside.dns,
            }
          : {}),
      },
    };
  },
  knowsMesh: false,
  offersMesh: () => false,
  arguments(machine) {
    // Port 0: the system gives QEMU a free one, so there is no race for it. romfile= leaves out network boot.
    const card = (n: number): string[] => [
      '-device',
      `virtio-net-pci,netdev=net${n},mac=${macAddress(machine.id, n)},romfile=`,
    ];
    return [
      '-netdev',
      `user,id=net0,ipv6=off,net=${inside.net},dhcpstart=${inside.guest},restrict=on,hostfwd=tcp:127.0.0.1:0-${inside.guest}:22`,
      ...card(0),
      ...(machine.internet
        ? ['-netdev', `user,id=net1,ipv6=off,net=${outside.net},dhcpstart=${outside.guest}`, ...card(1)]
        : []),
    ];
  },
  async attach(machine, qmp, port) {
    const usernet = await qmp.execute('human-monitor-command', { 'command-line': 'info usernet' });
    const target = forwardedPort(String(usernet));
    if (target === null) throw fail('INTERNAL', 'QEMU does not tell the port of its forward.');
    // Also after a crash between writing the wish and doing it, and for a machine that went on while no agent ran.
    const hasInternetCard = await plug(qmp, machine.internet);
    let internet = hasInternetCard && machine.internet;
    const forward = await openForward(() => connect({ host: '127.0.0.1', port: target, allowHalfOpen: true }), port);
    return {
      sshPort: forward.port,
      sshAnswers: () => sshGreets(target, 2_000),
      counters: forward.counters,
      mesh: null,
      hasInternetCard,
      get internet() {
        return internet;
      },
      async setInternet(now, on) {
        if (hasInternetCard) await plug(now, on);
        internet = hasInternetCard && on;
      },
      close: forward.close,
    };
  },
};
