import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { noise, openBench, testContext, testKeys } from '../testing/harness.ts';
import { ask, back, basicOf, openDisk, statusOf, type TestDisk } from './testing/disk.ts';

let disk: TestDisk;
beforeEach(async () => {
  disk = await openDisk();
});
afterEach(() => disk.close());

const root = testKeys().root();
const on = (input: { newPassword: boolean; port?: number }) =>
  disk.bench.vault.handlers['vault.webdavOn'](input, testContext());
const off = () => disk.bench.vault.handlers['vault.webdavOff']({}, testContext());
const refused = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });

it('is off until it is switched on, and then keeps its password and its port', async () => {
  const context = testContext();
  const bench = await openBench();
  try {
    await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
    expect(await bench.vault.handlers['vault.webdavStatus']({}, testContext())).toEqual({
      on: false,
      address: null,
      user: 'hypha',
      hasPassword: false,
      port: null,
      connections: 0,
    });
    const first = await bench.vault.handlers['vault.webdavOn']({ newPassword: false }, context);
    expect(first).toMatchObject({ on: true, password: expect.stringMatching(/^[a-z2-7-]{29}$/) });
    expect(await bench.vault.handlers['vault.status']({}, testContext())).toMatchObject({ disk: first.address });
    expect(context.undone).toEqual([{ method: 'vault.webdavOff', input: {} }]);
    expect(await bench.vault.handlers['vault.webdavOn']({ newPassword: false }, testContext())).toEqual({
      ...first,
      password: null,
    });
    // Nothing that lies on the computer lets anybody in: not the password, and what it is checked by is sealed.
    const kept = await readFile(join(bench.home, 'vault', 'webdav.json'), 'utf8');
    expect(kept).not.toContain(first.password);
    expect(JSON.parse(kept)).toMatchObject({ version: 1, on: true, port: first.port });
  } finally {
    await bench.close();
  }
});

it('goes with the lock, in the middle of a file, and comes back with the keys', async () => {
  await ask(disk, 'PUT', '/vault/big.bin', {}, noise(16_000_000, 1));
  const reading = ask(disk, 'GET', '/vault/big.bin');
  const socket = connect(disk.port, '127.0.0.1');
  const idle = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {});
  const writing = connect(disk.port, '127.0.0.1');
  writing.on('error', () => {});
  const cut = new Promise((resolve) => writing.on('close', resolve));
  const begun = new Promise((resolve) => writing.once('data', resolve));
  writing.write(
    `PUT /vault/new.bin HTTP/1.1\r\nHost: 127.0.0.1:${disk.port}\r\nAuthorization: ${basicOf(disk)}\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`,
  );
  await begun;
  disk.bench.keys.set(null);
  await expect(reading).rejects.toThrow();
  await Promise.all([idle, cut]);
  expect(await refused(disk.port)).toBe(true);
  expect(await statusOf(disk)).toMatchObject({ on: true, address: null, problem: { code: 'LOCKED' } });

  disk.bench.keys.set(root);
  await back(disk);
  expect((await ask(disk, 'GET', '/vault/big.bin')).body.equals(noise(16_000_000, 1))).toBe(true);
  expect((await ask(disk, 'GET', '/vault/new.bin')).status).toBe(404);
});

it('can be locked and unlocked over and over, also while it comes up', async () => {
  for (let i = 0; i < 5; i++) {
    disk.bench.keys.set(null);
    disk.bench.keys.set(root);
  }
  await back(disk);
  disk.bench.keys.set(null);
  expect(await refused(disk.port)).toBe(true);
  // Switched off while it is locked, it stays off.
  await off();
  disk.bench.keys.set(root);
  await disk.bench.vault.handlers['vault.list'](
    { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 1 },
    testContext(),
  );
  expect(await statusOf(disk)).toMatchObject({ on: false, address: null, hasPassword: true });
  await disk.bench.restart();
  expect(await refused(disk.port)).toBe(true);
  const again = await on({ newPassword: false });
  expect([again.address, again.password]).toEqual([disk.url, null]);
  expect((await ask(disk, 'PROPFIND', '/vault/')).status).toBe(207);
});

it('lets the old password in no more once there is a new one', async () => {
  const { password } = await on({ newPassword: true });
  expect((await ask(disk, 'PROPFIND', '/vault/')).status).toBe(401);
  expect((await ask({ ...disk, password: String(password) }, 'PROPFIND', '/vault/')).status).toBe(207);
});

it('says where it is when another program has its port, and goes back when it can', async () => {
  await off();
  const squatter: Server = createServer();
  await new Promise<void>((done) => squatter.listen(disk.port, '127.0.0.1', done));
  try {
    const elsewhere = await on({ newPassword: false });
    expect(elsewhere).toMatchObject({ on: true, port: disk.port, problem: { code: 'PORT_TAKEN' } });
    const port = Number(new URL(String(elsewhere.address)).port);
    expect(port).not.toBe(disk.port);
    expect((await ask({ ...disk, port }, 'PROPFIND', '/vault/')).status).toBe(207);
    // One that was asked for by number is not answered by another.
    const taken = (squatter.address() as AddressInfo).port;
    await expect(on({ newPassword: false, port: taken })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect((await statusOf(disk)).on).toBe(true);
  } finally {
    await new Promise((done) => squatter.close(done));
  }
  await off();
  expect(await on({ newPassword: false })).toMatchObject({ address: disk.url });
  expect((await statusOf(disk)).problem).toBeUndefined();
});

it('asks for a new password where what is kept is of another vault, and is off where it cannot be read', async () => {
  const path = join(disk.bench.home, 'vault', 'webdav.json');
  await disk.bench.vault.stop();
  const kept = JSON.parse(await readFile(path, 'utf8')) as { verifier: string };
  await writeFile(path, JSON.stringify({ ...kept, verifier: kept.verifier.replace(/^.../, 'AAA') }));
  await disk.bench.restart();
  await vi.waitFor(async () => expect((await statusOf(disk)).problem?.code).toBe('NEEDS_PASSWORD'));
  expect(await refused(disk.port)).toBe(true);
  const { password, address } = await on({ newPassword: false });
  expect([password === null, address]).toEqual([false, disk.url]);
  await writeFile(path, '{"on": true');
  await disk.bench.restart();
  expect((await statusOf(disk)).on).toBe(false);
});

it('needs a vault that is open', async () => {
  disk.bench.keys.set(null);
  await expect(on({ newPassword: false })).rejects.toMatchObject({ code: 'LOCKED' });
  const bench = await openBench();
  try {
    await expect(bench.vault.handlers['vault.webdavOn']({ newPassword: false }, testContext())).rejects.toMatchObject({
      code: 'NO_VAULT',
    });
  } finally {
    await bench.close();
  }
});
