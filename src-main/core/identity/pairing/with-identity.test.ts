import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { phraseFromEntropy } from '#core/crypto/phrase.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { makeDeviceKeys } from '../device-keys.ts';
import { createIdentity, type Identity } from '../index.ts';
import { joinPairing } from './join.ts';
import { offerPairing } from './offer.ts';

import { memoryChannels } from './testing/memory-channels.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const context: CallContext = {
  caller: { connection: 'c1', face: 'ui', name: 'test', person: true },
  signal: new AbortController().signal,
  undo() {},
};
const words = phraseFromEntropy(new Uint8Array(32).fill(6));

async function computer(seed: number, name: string, at?: string) {
  const directory = at ?? (await mkdtemp(join(tmpdir(), 'hypha-pairing-')));
  if (at === undefined) cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const host = createFakeHost({ seed });
  const identity = createIdentity({
    host,
    log: silentLog,
    emit() {},
    directory,
    deviceName: name,
    calibrate: async () => ({ passes: 1, memoryKiB: 64 * 1024 }),
  });
  await identity.start();
  cleanups.push(() => identity.stop());
  return { directory, host, identity };
}

async function pair(
  a: Awaited<ReturnType<typeof computer>>,
  b: Awaited<ReturnType<typeof computer>>,
  withKeys: boolean,
) {
  const [left, right] = memoryChannels();
  const signal = AbortSignal.timeout(10_000);
  const device = makeDeviceKeys(b.host.random);
  const done = await Promise.allSettled([
    offerPairing({
      channel: left,
      random: a.host.random,
      now: a.host.now,
      signal,
      confirm: async () => ({ equal: true, withKeys }),
      secrets: a.identity.pairing.secrets,
      keep: a.identity.pairing.certify,
    }),
    joinPairing({
      channel: right,
      random: b.host.random,
      signal,
      device,
      name: 'laptop',
      confirm: async () => true,
      adopt: ({ entropy, ...welcome }) =>
        b.identity.pairing.adopt({
          ...welcome,
          deviceName: 'laptop',
          device,
          keys: entropy === null ? null : { entropy, passphrase: 'another passphrase' },
        }),
    }),
  ]);
  for (const result of done) if (result.status === 'rejected') throw result.reason;
}

const status = (identity: Identity) => identity.handlers['identity.status']({}, context);
const devicesOf = async (identity: Identity) => (await identity.handlers['identity.devices']({}, context)).devices;

describe('two computers of one person', () => {
  it('after pairing without keys, both act for the person, and one can take the other’s right away', async () => {
    const a = await computer(1, 'desktop');
    await a.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
    const b = await computer(2, 'laptop');
    await pair(a, b, false);
    expect(await status(b.identity)).toMatchObject({
      state: 'keyless',
      person: { name: 'Anna' },
      device: { name: 'laptop' },
    });
    expect(b.identity.person()?.id).toBe(a.identity.person()?.id);
    const id = b.identity.deviceKeys()?.id;
    expect(await devicesOf(a.identity)).toMatchObject([
      { name: 'desktop', current: true },
      { id, name: 'laptop', revokedAt: null },
    ]);
    await expect(b.identity.handlers['identity.unlock']({ passphrase: 'x' }, context)).rejects.toMatchObject({
      code: 'KEYLESS',
    });
    expect(b.identity.personKeys()).toBeNull();
    await b.identity.stop();
    const again = await computer(3, 'laptop', b.directory);
    expect(await status(again.identity)).toMatchObject({ state: 'keyless' });
    expect([again.identity.deviceKeys()?.id, again.identity.notices()]).toEqual([id, []]);
    // With the words the keys come here later, and it stays the same device.
    await again.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'b passphrase' }, context);
    expect(await status(again.identity)).toMatchObject({ state: 'unlocked', device: { id } });
    if (id !== undefined) await a.identity.handlers['identity.revokeDevice']({ device: id }, context);
    expect((await devicesOf(a.identity)).find((device) => device.id === id)?.revokedAt).not.toBeNull();
  });

  it('tell each other what they know: a device that was revoked elsewhere learns of it, also without keys', async () => {
    const a = await computer(9, 'desktop');
    await a.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
    const b = await computer(10, 'laptop');
    await pair(a, b, false);
    const c = await computer(11, 'phone');
    await pair(a, c, false);
    const entries = () => a.identity.self()?.entries ?? [];
    expect(await b.identity.merge(entries())).toBe(true);
    expect(await b.identity.merge(entries())).toBe(false);
    expect(await devicesOf(b.identity)).toHaveLength(3);
    const id = b.identity.deviceKeys()?.id;
    if (id !== undefined) await a.identity.handlers['identity.revokeDevice']({ device: id }, context);
    expect(await b.identity.merge(entries())).toBe(true);
    expect(b.identity.deviceKeys()).toBeNull();
    expect(b.identity.notices()).toMatchObject([{ code: 'DEVICE_REVOKED' }]);
    // Of another person's log nothing is taken in.
    const d = await computer(12, 'stranger');
    const others = phraseFromEntropy(new Uint8Array(32).fill(7));
    await d.identity.handlers['identity.restore']({ words: others, name: 'Dora', passphrase: 'a passphrase' }, context);
    expect(await d.identity.merge(entries())).toBe(false);
  });

  it('after pairing with keys, both unlock, each with its own passphrase', async () => {
    const a = await computer(4, 'desktop');
    await a.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
    const b = await computer(5, 'laptop');
    await pair(a, b, true);
    expect(await status(b.identity)).toMatchObject({ state: 'unlocked', person: { name: 'Anna' } });
    b.identity.lock();
    const wrong = b.identity.handlers['identity.unlock']({ passphrase: 'a passphrase' }, context);
    await expect(wrong).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect(await b.identity.handlers['identity.unlock']({ passphrase: 'another passphrase' }, context)).toMatchObject({
      state: 'unlocked',
    });
    expect(await devicesOf(b.identity)).toHaveLength(2);
  });

  it('is not begun over an identity that is there, nor given by a locked one', async () => {
    const a = await computer(6, 'desktop');
    await a.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
    const b = await computer(7, 'laptop');
    await b.identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
    await expect(pair(a, b, false)).rejects.toMatchObject({ code: 'PAIRING_BROKEN' });
    a.identity.lock();
    const c = await computer(8, 'laptop');
    await expect(pair(a, c, false)).rejects.toMatchObject({ code: 'LOCKED' });
  });
});
