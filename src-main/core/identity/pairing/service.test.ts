import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { phraseFromEntropy } from '#core/crypto/phrase.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { Pairing } from '#shared/contract/pairing.ts';
import { createIdentity } from '../index.ts';
import { PairingService, readHostPort } from './service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const context: CallContext = {
  caller: { connection: 'c1', face: 'ui', name: 'test', person: true },
  signal: new AbortController().signal,
  undo() {},
};
const words = phraseFromEntropy(new Uint8Array(32).fill(6));

async function computer(seed: number, name: string, person: boolean) {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-pairing-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const host = createFakeHost({ seed });
  const identity = createIdentity({
    ...{ host, log: silentLog, emit() {}, directory, deviceName: name },
    calibrate: async () => ({ passes: 1, memoryKiB: 64 * 1024 }),
  });
  await identity.start();
  cleanups.push(() => identity.stop());
  if (person) await identity.handlers['identity.restore']({ words, name: 'Anna', passphrase: 'a passphrase' }, context);
  const wakes = new Set<() => void>();
  const pairing = new PairingService({
    ...{ host, log: silentLog, identity, deviceName: name },
    emit: () => {
      for (const wake of [...wakes]) wake();
    },
    addresses: () => ['127.0.0.1'],
  });
  cleanups.push(() => pairing.cancel());
  /** The state, as soon as it is this one. */
  const until = (state: Pairing['state']) =>
    new Promise<Pairing>((resolve) => {
      const look = () => {
        if (pairing.status().state !== state) return;
        wakes.delete(look);
        resolve(pairing.status());
      };
      wakes.add(look);
      look();
    });
  return { host, identity, pairing, until };
}

const both = async () => [await computer(1, 'desktop', true), await computer(2, 'laptop', false)] as const;

describe('adding a device over the network', () => {
  it('goes from an address over the code to the list of devices', async () => {
    const [a, b] = await both();
    const [at = ''] = (await a.pairing.offer()).addresses;
    expect(at).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(b.pairing.join(at, 'my laptop')).toMatchObject({ state: 'calling', role: 'join' });
    const [left, right] = [await a.until('comparing'), await b.until('comparing')];
    expect(left.code).toBe(right.code);
    expect(left.device).toBe('my laptop');
    const code = left.code ?? '';
    expect(() => a.pairing.answer('000000', { equal: true, withKeys: false })).toThrow('Nothing waits');
    a.pairing.answer(code, { equal: true, withKeys: false });
    b.pairing.answer(code, { equal: true, withKeys: false });
    await Promise.all([a.until('done'), b.until('done')]);
    expect(await b.identity.handlers['identity.status']({}, context)).toMatchObject({
      state: 'keyless',
      device: { name: 'my laptop' },
    });
    const { devices } = await a.identity.handlers['identity.devices']({}, context);
    expect(devices.map(({ name }) => name)).toEqual(['desktop', 'my laptop']);
    // And it may be begun anew.
    expect(await a.pairing.offer()).toMatchObject({ state: 'offered' });
  });

  it('asks for a passphrase where the keys arrive', async () => {
    const [a, b] = await both();
    const [at = ''] = (await a.pairing.offer()).addresses;
    b.pairing.join(at, undefined);
    const { code } = await a.until('comparing');
    await b.until('comparing');
    a.pairing.answer(code ?? '', { equal: true, withKeys: true });
    b.pairing.answer(code ?? '', { equal: true, withKeys: false });
    await b.until('protecting');
    b.pairing.protect('another passphrase');
    await Promise.all([a.until('done'), b.until('done')]);
    expect(await b.identity.handlers['identity.status']({}, context)).toMatchObject({ state: 'unlocked' });
  });

  it('tells both when one says that the codes differ', async () => {
    const [a, b] = await both();
    const [at = ''] = (await a.pairing.offer()).addresses;
    b.pairing.join(at, undefined);
    const { code } = await a.until('comparing');
    await b.until('comparing');
    a.pairing.answer(code ?? '', { equal: false, withKeys: false });
    b.pairing.answer(code ?? '', { equal: true, withKeys: false });
    const [left, right] = await Promise.all([a.until('failed'), b.until('failed')]);
    expect([left.failure?.code, right.failure?.code]).toEqual(['PAIRING_REFUSED', 'PAIRING_REFUSED']);
    expect(b.identity.person()).toBeNull();
    // The offer is over: one code, one try.
    b.pairing.join(at, undefined);
    expect((await b.until('failed')).failure?.message).toMatch(/answers there/);
  });

  it('outlives strangers who connect and say nothing sensible', async () => {
    const [a, b] = await both();
    const [at = ''] = (await a.pairing.offer()).addresses;
    const port = Number(at.split(':')[1]);
    for (const junk of ['GET / HTTP/1.1\r\n\r\n', '\u0000\u0000\u0000\u0003abc', '']) {
      await new Promise<void>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port }, () => {
          socket.write(junk);
          if (junk === '') socket.end();
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    b.pairing.join(at, undefined);
    expect((await a.until('comparing')).code).toBe((await b.until('comparing')).code);
  });

  it('says so when too many strangers knocked, and can be begun anew', async () => {
    const a = await computer(1, 'desktop', true);
    const [at = ''] = (await a.pairing.offer()).addresses;
    const port = Number(at.split(':')[1]);
    const knock = () =>
      new Promise<void>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port }, () => socket.write('GET / HTTP/1.1\r\n\r\n'));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    const ended = a.until('failed');
    while (a.pairing.status().state === 'offered') await knock();
    expect((await ended).failure?.code).toBe('PAIRING_BROKEN');
    expect(await a.pairing.offer()).toMatchObject({ state: 'offered' });
  });

  it('ends after ten minutes, when it is stopped, and is not begun twice nor while locked', async () => {
    const [a, b] = await both();
    await a.pairing.offer();
    await expect(a.pairing.offer()).rejects.toMatchObject({ code: 'PAIRING_BUSY' });
    a.host.advance(10 * 60_000);
    expect(a.pairing.status()).toMatchObject({ state: 'failed', failure: { code: 'PAIRING_BROKEN' } });
    const [at = ''] = (await a.pairing.offer()).addresses;
    b.pairing.join(at, undefined);
    await b.until('comparing');
    expect(a.pairing.cancel()).toMatchObject({ state: 'idle' });
    expect(await b.until('comparing')).toMatchObject({ code: expect.any(String) });
    a.identity.lock();
    await expect(a.pairing.offer()).rejects.toMatchObject({ code: 'LOCKED' });
    expect(() => a.pairing.join(at, undefined)).toThrow('already an identity');
  });

  it('reads addresses as people type them', () => {
    expect(readHostPort(' 192.168.1.5:40123 ')).toEqual({ host: '192.168.1.5', port: 40123 });
    expect(readHostPort('[2001:db8::1]:9')).toEqual({ host: '2001:db8::1', port: 9 });
    expect(readHostPort('hypha://pair/desk.local:9')).toEqual({ host: 'desk.local', port: 9 });
    for (const wrong of ['', '1.2.3.4', '1.2.3.4:0', '1.2.3.4:99999', '[1.2.3.4]:9', '2001:db8::1:9', 'a b:9']) {
      expect(readHostPort(wrong), wrong).toBeNull();
    }
  });
});
