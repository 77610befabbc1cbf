import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Peer } from './peer.ts';
import { createPeerTable } from './peer-table.ts';

it('finds peers by their /64 as a map would, also where the first four bytes are shared', () => {
  const address = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(255)).map(([high, low, host]) => {
    const bytes = new Uint8Array(16).fill(4);
    bytes[3] = high;
    bytes[7] = low;
    bytes[15] = host;
    return bytes;
  });
  const step = fc.record({ add: fc.boolean(), address });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = createPeerTable();
      const map = new Map<string, Peer>();
      for (const one of steps) {
        const subnet = one.address.subarray(0, 8).join();
        const known = map.get(subnet);
        const packet = new Uint8Array(40);
        packet.set(one.address, 24);
        expect(table.find(packet, 24)).toBe(known ?? null);
        if (one.add && known === undefined) {
          // Only the address is looked at.
          const peer = { address: one.address } as Peer;
          table.add(peer);
          map.set(subnet, peer);
        } else if (!one.add && known !== undefined) {
          table.remove(known);
          map.delete(subnet);
        }
        expect(table.find(one.address)).toBe(map.get(subnet) ?? null);
        expect(table.size()).toBe(map.size);
      }
      expect(new Set(table.all())).toEqual(new Set(map.values()));
    }),
  );
});
