import { expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { createRelays } from './relays.ts';
import type { MeshStore, StoredExposure, StoredSocks } from './store.ts';
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
    async admit(_: string, allow: 'everybody' | readonly unknown[], deny: unknown[]) {
      asked.push(`admit ${allow === 'everybody' ? allow : allow.length}, not ${deny.length}`);
    },
    async socks(_: string, port: number) {
      asked.push(`socks at ${port}`);
      return 1080;
    },
    closeRelay: async () => void asked.push('close'),
    relays: async () => ({}),
  };
  let socks: StoredSocks | null = null;
  const store = {
    socks: () => socks,
    putSocks(one: StoredSocks) {
      socks = one;
    },
    forwards: () => [],
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
  return { ann, asked, relays, services, probes, host, call };
}

it('tells an offer whom it lets in when somebody else is meant, without opening it anew', async () => {
  const { ann, asked, relays } = rig();
  await relays.addExposure(80, 8080, ['ann']);
  await relays.addExposure(81, 8081, ['everybody']);
  asked.length = 0;
  await relays.namesChanged();
  expect(asked).toEqual([]);
  ann.blocked = true;
  await relays.namesChanged();
  expect(asked.splice(0)).toEqual(['admit 0, not 1', 'admit everybody, not 1']);
  ann.blocked = false;
  await relays.namesChanged();
  expect(asked).toEqual(['admit 1, not 0', 'admit everybody, not 0']);
});

it('opens nothing that was taken back while names changed', async () => {
  const { ann, asked, relays } = rig();
  await relays.addExposure(80, 8080, ['ann']);
  const second = await relays.addExposure(81, 8081, ['ann']);
  asked.length = 0;
  ann.blocked = true;
  await Promise.all([relays.namesChanged(), relays.removeExposure(second.id)]);
  expect(asked).toEqual(['admit 0, not 1', 'close']);
});

it('opens an offer anew that could not be opened, when somebody else is meant', async () => {
  const { ann, asked, relays, call } = rig();
  const { expose } = call;
  call.expose = async () => {
    throw fail('IN_USE', 'That port is taken.');
  };
  expect(await relays.addExposure(80, 8080, ['ann'])).toMatchObject({ state: 'failed', detail: 'That port is taken.' });
  call.expose = expose;
  ann.blocked = true;
  await relays.namesChanged();
  expect(asked).toEqual(['80 for 0, not for 1']);
  expect(await relays.exposures()).toMatchObject([{ state: 'open' }]);
});

it('leaves a proxy that is on as it is when it is switched on again, and opens it again at its port', async () => {
  const { asked, relays } = rig();
  const first = await relays.setSocks(true);
  expect(first).toMatchObject({ on: true, state: 'open', port: 1080 });
  expect(await relays.setSocks(true)).toEqual(first);
  expect(asked).toEqual(['socks at 0']);
  await relays.setSocks(false);
  expect(await relays.setSocks(true)).toMatchObject({ port: 1080, password: first.password });
  expect(asked).toEqual(['socks at 0', 'close', 'socks at 1080']);
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
