import { describe, expect, it, onTestFinished } from 'vitest';
import { xwingKeys } from '#core/crypto/kem.ts';
import { ed25519PublicKey, ed25519Sign } from '#core/crypto/sign.ts';
import { noise } from '../../testing/harness.ts';
import { announce, encodeAnnouncement } from './format/statements.ts';
import { frames } from './framing.ts';
import { openLink } from './link.ts';
import { type FakeDevice, severalDevices } from './testing/several-devices.ts';

const patience = { timeout: 10_000, interval: 20 };
const stateOf = (at: FakeDevice, of: FakeDevice) => at.own.view().devices.find(({ id }) => id === of.id);
const codeAt = (at: FakeDevice, of: FakeDevice): string => stateOf(at, of)?.code ?? '';

async function accept(one: FakeDevice, other: FakeDevice): Promise<void> {
  await expect.poll(() => codeAt(one, other) !== '' && codeAt(other, one) !== '', patience).toBe(true);
  expect(codeAt(one, other)).toBe(codeAt(other, one));
  one.own.accept(other.id, codeAt(one, other));
  other.own.accept(one.id, codeAt(other, one));
  await expect.poll(() => [stateOf(one, other)?.state, stateOf(other, one)?.state], patience).toEqual(['same', 'same']);
}
async function together(names: readonly string[], accepted = true) {
  const all = await severalDevices(names);
  onTestFinished(all.end);
  for (const { own } of all.devices) await own.on();
  const [first, ...rest] = all.devices;
  if (first === undefined) throw new Error('nobody');
  if (accepted) for (const device of rest) await accept(first, device);
  return all;
}
const has = (device: FakeDevice, name: string, bytes: Uint8Array) =>
  expect
    .poll(() => {
      const found = device.replica().read_(name);
      return found !== null && Buffer.from(found).equals(bytes);
    }, patience)
    .toBe(true);

describe('the person’s own devices', () => {
  it('exchange nothing before both have accepted each other, by the digits that both show', async () => {
    const { devices, mesh } = await together(['desk', 'lap'], false);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    const secret = Buffer.from('nobody but my own devices may read this, and not before I said so');
    desk.replica().write('a', secret, 1);
    await expect.poll(() => codeAt(desk, lap), patience).toMatch(/^(\d{5} ){5}\d{5}$/);
    await expect.poll(() => stateOf(desk, lap)?.state, patience).toBe('waits');
    expect(() => desk.own.accept(lap.id, '00000 '.repeat(6))).toThrow(/not the digits/);
    // Accepted on one side only: the other has not said that it wants the files.
    desk.own.accept('lap', codeAt(desk, lap));
    await expect.poll(() => stateOf(desk, lap)?.state, patience).toBe('waits-there');
    expect(lap.replica().names.size).toBe(0);
    lap.own.accept('desk', codeAt(lap, desk));
    await has(lap, 'a', secret);
    await expect.poll(() => stateOf(lap, desk), patience).toMatchObject({ state: 'same', accepted: true });
    // Sealed on its way, inside the mesh's own session.
    expect(Buffer.concat(mesh.heard.get(lap.mesh) ?? []).includes(secret)).toBe(false);
  });

  it('tell each other of an edit at once, and bring large contents in pieces, from whoever has them', async () => {
    const { devices } = await together(['desk', 'lap', 'nas']);
    const [desk, lap, nas] = devices as [FakeDevice, FakeDevice, FakeDevice];
    // Lap and nas were accepted at desk only, and take part with each other all the same.
    await expect.poll(() => stateOf(lap, nas)?.state, patience).toBe('same');
    const big = noise(3 * 1024 * 1024 + 17, 3);
    const before = Date.now();
    desk.replica().write('big', big, 1);
    await has(lap, 'big', big);
    await has(nas, 'big', big);
    // Far from the next look without a hint, which is half a minute away.
    expect(Date.now() - before).toBeLessThan(15_000);
    lap.replica().write('b', Buffer.from('from lap'), 2);
    await has(nas, 'b', Buffer.from('from lap'));
    await has(desk, 'b', Buffer.from('from lap'));
  });

  it('go on where they were when a connection is cut in the middle, and ask no byte twice', async () => {
    const { devices, mesh } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    const big = noise(5 * 1024 * 1024, 4);
    let heard = 0;
    let cuts = 0;
    mesh.cutAt = (to, chunk) => {
      if (to !== lap.mesh) return false;
      heard += chunk.length;
      if (heard < 2_500_000 * (cuts + 1) || cuts >= 2) return false;
      cuts++;
      return true;
    };
    desk.replica().write('big', big, 1);
    await has(lap, 'big', big);
    expect(cuts).toBe(2);
    const { arrivals } = lap.replica();
    expect(arrivals.reduce((sum, { length }) => sum + length, 0)).toBe(big.length);
    for (const [i, { offset }] of arrivals.entries()) {
      expect(offset).toBe(arrivals.slice(0, i).reduce((sum, { length }) => sum + length, 0));
    }
  });

  it('say nothing while locked, and catch up at unlock', async () => {
    const { devices } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    lap.lock();
    desk.replica().write('a', Buffer.from('while locked'), 1);
    await expect.poll(() => stateOf(desk, lap)?.state, patience).toMatch(/locked|away/);
    expect(() => lap.own.view()).toThrow(/locked/);
    expect(lap.replica().names.size).toBe(0);
    lap.unlock();
    await has(lap, 'a', Buffer.from('while locked'));
  });

  it('come together again after one was away, with what both did meanwhile', async () => {
    const { devices, mesh } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    mesh.away.add(lap.mesh);
    mesh.cut(lap.mesh);
    desk.replica().write('a', Buffer.from('from desk'), 1);
    lap.replica().write('b', Buffer.from('from lap'), 2);
    await expect.poll(() => stateOf(desk, lap)?.state, patience).toBe('away');
    mesh.away.clear();
    await has(lap, 'a', Buffer.from('from desk'));
    await has(desk, 'b', Buffer.from('from lap'));
  });

  it('close to a revoked device at once: nothing written later reaches it, and the others learn of it', async () => {
    const { devices, mesh } = await together(['desk', 'lap', 'thief']);
    const [desk, lap, thief] = devices as [FakeDevice, FakeDevice, FakeDevice];
    await expect.poll(() => stateOf(lap, thief)?.state, patience).toBe('same');
    desk.revoke(thief);
    // Lap is told in the exchange itself.
    await expect.poll(() => stateOf(lap, thief), patience).toBeUndefined();
    expect(stateOf(desk, thief)).toBeUndefined();
    const before = Buffer.concat(mesh.heard.get(thief.mesh) ?? []).length;
    const [one, two] = [noise(400_000, 8), noise(400_000, 9)];
    desk.replica().write('new', one, 5);
    lap.replica().write('also new', two, 6);
    await has(lap, 'new', one);
    await has(desk, 'also new', two);
    expect(Buffer.concat(mesh.heard.get(thief.mesh) ?? []).length).toBe(before);
    expect([...thief.replica().names.keys()]).toEqual([]);
    expect(desk.replica().forgotten).toEqual([thief.id]);
    expect(desk.replica().peers.map(({ id }) => id)).toEqual([lap.id]);
  });

  it('let nobody stay whom a revoked device brought in, though that has the phrase', async () => {
    const all = await together(['desk', 'lap', 'thief', 'second'], false);
    const [desk, lap, thief, second] = all.devices as [FakeDevice, FakeDevice, FakeDevice, FakeDevice];
    await accept(desk, lap);
    await accept(desk, thief);
    // Before anybody notices, the thief lets a device of its own in, which all of them believe then.
    await accept(thief, second);
    desk.replica().write('before', Buffer.from('as long as nobody knows'), 1);
    await has(second, 'before', Buffer.from('as long as nobody knows'));
    desk.revoke(thief);
    await expect
      .poll(() => [stateOf(desk, second)?.accepted, stateOf(lap, second)?.accepted], patience)
      .toEqual([false, false]);
    const heard = Buffer.concat(all.mesh.heard.get(second.mesh) ?? []).length;
    const bytes = noise(300_000, 2);
    desk.replica().write('after', bytes, 2);
    await has(lap, 'after', bytes);
    expect(second.replica().names.has('after')).toBe(false);
    expect(Buffer.concat(all.mesh.heard.get(second.mesh) ?? []).length - heard).toBeLessThan(50_000);
    expect(lap.replica().peers.map(({ id }) => id)).toEqual([desk.id]);
  });

  it('rest while the disk is full, and say so', async () => {
    const { devices } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    lap.replica().full = true;
    desk.replica().write('a', noise(2000, 1), 1);
    await expect.poll(() => lap.own.view().problem?.text, patience).toBe('The disk is full.');
    expect(stateOf(lap, desk)?.state).toBe('coming');
    expect(lap.replica().arrivals).toEqual([]);
  });

  it('end when it is turned off, and go on where they were when it is turned on again', async () => {
    const { devices } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    await lap.own.off();
    expect(lap.own.view().on).toBe(false);
    await expect.poll(() => stateOf(desk, lap)?.state, patience).toMatch(/off|away/);
    desk.replica().write('a', Buffer.from('later'), 1);
    await lap.own.on();
    await has(lap, 'a', Buffer.from('later'));
  });

  it('answer no noise, no stranger’s key and nothing out of turn, and go on', async () => {
    const { devices, mesh } = await together(['desk', 'lap']);
    const [desk, lap] = devices as [FakeDevice, FakeDevice];
    const host = { random: (n: number) => noise(n, n + 5), setTimer: () => () => {} };
    for (const bytes of [new Uint8Array([0, 0, 0, 0]), new Uint8Array([255, 255, 255, 255]), noise(5000, 1)]) {
      const stream = await mesh.dial(lap.mesh, desk.mesh);
      stream.on('error', () => {});
      stream.write(bytes);
      stream.end();
      await new Promise((resolve) => stream.once('close', resolve).resume());
    }
    // A hello that is in order but for whose key it is: another device's signature.
    const kem = xwingKeys(noise(32, 2));
    const signed = (seed: number, device: FakeDevice) =>
      announce(device.id, kem.publicKey, 1, (bytes) => ed25519Sign(new Uint8Array(32).fill(seed), bytes));
    expect(ed25519PublicKey(lap.seed)).toEqual(lap.entry.sign);
    const forged = signed(77, lap);
    if (forged === null) throw new Error('unsigned');
    const link = openLink(
      await mesh.dial(lap.mesh, desk.mesh),
      desk.id,
      { device: lap.id, announcement: encodeAnnouncement(forged), kem: kem.publicKey, secret: kem.secret },
      { host, verify: () => true },
    );
    await expect(link).rejects.toThrow();
    // Lap's own signature, for a key that nobody accepted: it may say who it is, and nothing more.
    const fresh = signed(2, lap);
    if (fresh === null) throw new Error('unsigned');
    const stranger = await openLink(
      await mesh.dial(lap.mesh, desk.mesh),
      desk.id,
      { device: lap.id, announcement: encodeAnnouncement(fresh), kem: kem.publicKey, secret: kem.secret },
      { host, verify: () => true },
    );
    for (const asking of [
      { ask: 'since', vector: new Uint8Array([0x90]) },
      { ask: 'log' },
      { ask: 'news' },
      { ask: 'read', content: 'a'.repeat(64), offset: 0, length: 10 },
    ] as const) {
      expect(await stranger.ask(asking)).toEqual({ say: 'no', code: 'NOT_TRUSTED' });
    }
    stranger.close();
    desk.replica().write('a', Buffer.from('still here'), 1);
    await has(lap, 'a', Buffer.from('still here'));
  });
});

describe('whole messages over a connection', () => {
  it('end with what is longer than it may be, and with silence', async () => {
    const { mesh } = await together(['desk', 'lap'], false);
    const [a, b] = ['a', 'b'];
    let far: Awaited<ReturnType<typeof mesh.dial>> | null = null;
    mesh.listen(
      b,
      () => true,
      (stream) => {
        far = stream;
      },
    );
    const timers: (() => void)[] = [];
    const near = frames(await mesh.dial(a, b), {
      setTimer(_, fire) {
        timers.push(fire);
        return () => {};
      },
    });
    if (far === null) throw new Error('nobody came');
    const other = frames(far, { setTimer: () => () => {} });
    await other.write(new Uint8Array(10));
    expect(await near.read(10, 5)).toEqual(new Uint8Array(10));
    const silent = near.read(10, 5);
    timers.at(-1)?.();
    await expect(silent).rejects.toThrow('silence');
  });
});
