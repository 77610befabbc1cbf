import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { asBytes } from '#core/crypto/bytes.ts';
import { beaconGroup, beaconPort } from '../wire/beacon.ts';
import type { DatagramLink } from './discovery.ts';

/**
 * Beacons over UDP multicast on every interface that has an `fe80::/64` address. Interfaces come and go (a cable, a
 * network changed), so that the list is looked at before every beacon.
 *
 * @param only names of interfaces to keep to; all by default
 */
export async function openMulticast(
  receive: (bytes: Uint8Array, from: string) => void,
  only: readonly string[] | null = null,
  port = beaconPort,
): Promise<DatagramLink> {
  const socket = createSocket({ type: 'udp6', reuseAddr: true });
  await new Promise<void>((bound, failed) => {
    socket.once('error', failed);
    socket.bind(port, '::', () => {
      socket.off('error', failed);
      bound();
    });
  });
  // An interface that went away makes sending fail; the next beacon looks again.
  socket.on('error', () => {});
  socket.on('message', (bytes, from) => receive(asBytes(bytes), from.address));
  socket.setMulticastLoopback(false);
  const joined = new Set<string>();

  return {
    beacon(bytes) {
      const present = usableInterfaces(only);
      for (const name of joined) if (!present.includes(name)) joined.delete(name);
      for (const name of present) {
        try {
          if (!joined.has(name)) socket.addMembership(beaconGroup, `::%${name}`);
          joined.add(name);
          socket.send(bytes, port, `${beaconGroup}%${name}`);
        } catch {
          // One that multicast does not work on is no reason to leave out the others.
          joined.delete(name);
        }
      }
    },
    close: () => new Promise((closed) => socket.close(() => closed())),
  };
}

function usableInterfaces(only: readonly string[] | null): string[] {
  return Object.entries(networkInterfaces())
    .filter(([name, addresses]) => {
      if (only !== null && !only.includes(name)) return false;
      return addresses?.some((one) => one.family === 'IPv6' && !one.internal && one.address.startsWith('fe80:'));
    })
    .map(([name]) => name);
}
