import { expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { createRelays } from './relays.ts';
import type { MeshStore, StoredExposure } from './store.ts';
import { createTargets } from './targets.ts';

const at = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(16);

function rig() {
  const ann = { blocked: false };
  /** Ports of this computer at which somebody listens, and those that were asked for it. */
  const services = new Set<number>();
  const probes: number[] = [];
  const answersAt = async (port: number): Promise<boolean> => {
    probes.push(port);
    return services.has(port);
  };
  const asked: string[] = [];
  let exposures: StoredExposure[] = [];
  const call = {
    async expose(_: string, port: number, __: number, allow: 'everybody' | readonly unknown[], deny: unknown[]) {
      asked.push(`${port} for ${allow === 'everybody' ? allow : allow.length}, not for ${deny.length}`);
    },
    closeRelay: async () => void asked.push('close'),
    relays: async () => ({}),
  };
  const store = {
    exposures: () => exposures,
    putExposure: (one: StoredExposure) => void exposures.push(one),
    removeExposure(id: string) {
      exposures = exposures.filter((one) => one.id !== id);
    },
  } as unknown as MeshStore;
  const addresses = () => (ann.blocked ? [] : [at('4a2:1::1')]);
  const targets = createTargets({
    addresses: (name) => (name === 'ann' ? addresses() : []),
    nameOf: () => null,
    isKnown: () => true,
    blocked: () => (ann.blocked ? [at('4a2:1::1')] : []),
    isKnownKey: () => true,
    contactOf: (name) => (name === 'ann' ? 'c1' : null),
    contact: () => ({ name: 'ann', addresses: addresses(), verified: true }),
    about: () => ({ petname: null, label: 'ann', state: 'known' }),
    isBlocked: () => false,
    all: () => ['ann'],
  });
  const host = createFakeHost();
  const thread = { call } as unknown as EngineThread;
  const relays = createRelays({ host, store, targets, running: () => thread, answersAt });
  return { ann, asked, relays, services, probes, host };
}

it('opens an offer anew when somebody else is meant, and leaves its connections alone when not', async () => {
  const { ann, asked, relays } = rig();
  await relays.addExposure(80, 8080, ['ann']);
  await relays.addExposure(81, 8081, ['everybody']);
  asked.length = 0;
  await relays.namesChanged();
  expect(asked).toEqual([]);
  ann.blocked = true;
  await relays.namesChanged();
  expect(asked.splice(0)).toEqual(['80 for 0, not for 1', '81 for everybody, not for 1']);
  ann.blocked = false;
  await relays.namesChanged();
  expect(asked).toEqual(['80 for 1, not for 0', '81 for everybody, not for 0']);
});

it('opens nothing that was taken back while names changed', async () => {
  const { ann, asked, relays } = rig();
  await relays.addExposure(80, 8080, ['ann']);
  const second = await relays.addExposure(81, 8081, ['ann']);
  asked.length = 0;
  ann.blocked = true;
  await Promise.all([relays.namesChanged(), relays.removeExposure(second.id)]);
  expect(asked).toEqual(['80 for 0, not for 1', 'close']);
});

it('says where nothing is behind an offer, as long as that is so', async () => {
  const { relays, services, probes, host } = rig();
  const silent = 'Nothing answers at port 8080 of this computer now.';
  expect(await relays.addExposure(80, 8080, ['ann'])).toMatchObject({ state: 'open', detail: silent });
  expect(await relays.exposures()).toMatchObject([{ state: 'open', detail: silent }]);
  services.add(8080);
  expect(await relays.exposures()).toMatchObject([{ state: 'open', detail: '' }]);
  // Each look is a connection to it: one that answered is left in peace for a while.
  probes.length = 0;
  services.delete(8080);
  expect(await relays.exposures()).toMatchObject([{ detail: '' }]);
  expect(probes).toEqual([]);
  host.advance(60_000);
  expect(await relays.exposures()).toMatchObject([{ detail: silent }]);
});
