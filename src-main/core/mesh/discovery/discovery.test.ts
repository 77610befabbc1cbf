import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { type Endpoint, endpointText } from '../node/endpoint.ts';
import { createDice } from '../testing/dice.ts';
import { control, routerIdA, routerIdB } from '../testing/vectors.ts';
import { encodeBeacon } from '../wire/beacon.ts';
import { routerIdOf } from '../wire/router-id.ts';
import { type Discovery, startDiscovery } from './discovery.ts';

const a = routerIdOf(routerIdA);
const b = routerIdOf(routerIdB);

async function rig() {
  const host = createFakeHost();
  const sent: string[] = [];
  const peers = new Map<string, number>();
  let receive: (bytes: Uint8Array, from: string) => void = () => {};
  const discovery: Discovery = await startDiscovery({
    routerId: a,
    port: 9651,
    setTimer: host.setTimer,
    async open(take) {
      receive = take;
      return { beacon: (bytes) => void sent.push(toHex(bytes)), close: async () => {} };
    },
    add(endpoint) {
      const text = endpointText(endpoint);
      if (peers.has(text)) return false;
      peers.set(text, 0);
      return true;
    },
    remove: (endpoint) => void peers.delete(endpointText(endpoint)),
    failures: (endpoint: Endpoint) => peers.get(endpointText(endpoint)) ?? 0,
  });
  return { host, sent, peers, discovery, hear: (bytes: Uint8Array, from: string) => receive(bytes, from) };
}

describe('local discovery', () => {
  it('sends the published beacon at once and every minute', async () => {
    const { host, sent, discovery } = await rig();
    expect(sent).toEqual([control.beacon]);
    host.advance(180_000);
    expect(sent.length).toBe(4);
    // On another network there are others to hear it; the next is a minute after.
    host.advance(30_000);
    discovery.announce();
    expect(sent.length).toBe(5);
    host.advance(59_000);
    expect(sent.length).toBe(5);
    host.advance(1_000);
    expect(sent.length).toBe(6);
    await discovery.stop();
    expect(host.timers()).toBe(0);
  });

  it('adds who sends a beacon from this link, and nobody else', async () => {
    const { peers, hear } = await rig();
    const beacon = encodeBeacon({ port: 4000, routerId: b });
    hear(beacon, 'fe80::2%eth0');
    hear(beacon, 'fe80::2%eth0');
    expect([...peers.keys()]).toEqual(['tcp://[fe80::2%eth0]:4000']);
    for (const from of ['fe80::2', 'fe80:1::2%eth0', '2001:db8::1%eth0', '::1%lo', '10.0.0.1', '']) hear(beacon, from);
    hear(encodeBeacon({ port: 4000, routerId: a }), 'fe80::3%eth0');
    hear(encodeBeacon({ port: 0, routerId: b }), 'fe80::4%eth0');
    hear(beacon.subarray(1), 'fe80::5%eth0');
    expect(peers.size).toBe(1);
  });

  it('forgets who cannot be reached three times, and finds them again', async () => {
    const { host, peers, discovery, hear } = await rig();
    const beacon = encodeBeacon({ port: 4000, routerId: b });
    hear(beacon, 'fe80::2%eth0');
    peers.set('tcp://[fe80::2%eth0]:4000', 3);
    host.advance(60_000);
    expect(discovery.found()).toEqual([]);
    hear(beacon, 'fe80::2%eth0');
    expect(discovery.found().length).toBe(1);
  });

  it('does not fill up with beacons that somebody makes up', async () => {
    const { peers, hear } = await rig();
    const dice = createDice(1);
    for (let i = 0; i < 1000; i++) {
      hear(encodeBeacon({ port: 4000, routerId: routerIdOf(dice.bytes(40)) }), `fe80::${i.toString(16)}%eth0`);
    }
    expect(peers.size).toBe(64);
  });
});
