import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import { realClock } from '../testing/real-clock.ts';
import { createSftpBackend } from './backend.ts';
import { readHostKey } from './connect.ts';
import { noDropbear, startDropbear } from './testing/dropbear.ts';

const why = noDropbear();
if (why !== null) console.log(`skipped: a place on dropbear: ${why}`);

const identity: PlaceIdentity = {
  format: 'hypha-vault-place',
  version: 1,
  vault: 'ab'.repeat(16),
  place: 'one',
  check: 'cd'.repeat(16),
  k: 2,
  m: 1,
  createdAt: 1,
};
const noise = (length: number, seed = 31) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 7)) & 255);

describe.skipIf(why !== null)('a place on dropbear with OpenSSH’s file server', () => {
  let server: Awaited<ReturnType<typeof startDropbear>>;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hypha-sftp-'));
    server = await startDropbear();
  });
  afterEach(async () => {
    await server.close();
    await rm(home, { recursive: true, force: true });
  });
  const open = async (more: { passphrase?: string } = {}) => {
    const address = { host: '127.0.0.1', port: server.port };
    const hostKey = await readHostKey(address, realClock);
    const { user, privateKey, passphrase } = server;
    const path = join(home, 'deep', 'place');
    return createSftpBackend({ ...address, user, privateKey, passphrase, path, hostKey, ...more }, realClock, {
      waits: [5, 20, 50],
    });
  };

  it('shows the key that its own tool names', async () => {
    expect(await readHostKey({ host: '127.0.0.1', port: server.port }, realClock)).toBe(
      `ssh-ed25519 ${server.fingerprint}`,
    );
  });

  it('is claimed, keeps shards as plain files with their rights, and says how much is free', async () => {
    const one = await open();
    expect((await one.inspect()).kind).toBe('absent');
    expect(await one.claim(identity)).toBe(true);
    const seen = await one.inspect();
    expect(seen).toMatchObject({ kind: 'place', identity, writable: true, device: 'host:127.0.0.1' });
    expect(seen.free).toBeGreaterThan(1024 * 1024);
    const bytes = noise(3_000_001);
    await one.store.put('p/00000/x.00', [bytes.slice(0, 80), bytes.subarray(80)]);
    await one.store.settle();
    expect((await readFile(join(home, 'deep/place/p/00000/x.00'))).equals(bytes)).toBe(true);
    const target = new Uint8Array(1_000_000);
    expect(await one.store.read('p/00000/x.00', 1_500_000, target)).toBe(true);
    expect(Buffer.from(target).equals(bytes.subarray(1_500_000, 2_500_000))).toBe(true);
    expect(await one.store.list('p/00000')).toEqual(['p/00000/x.00']);
    await one.close();
  });

  it('is killed in the midst of writing: what was there stays, nothing half is seen, and the write succeeds on a new connection', async () => {
    const one = await open();
    await one.claim(identity);
    await one.store.put('p/00000/x.00', [noise(1000)]);
    for (let round = 0; round < 4; round++) {
      const writing = one.store.put('p/00000/x.00', [noise(4_000_000, round + 3)]);
      // Somewhere in it: the temporary file is there.
      await expect
        .poll(async () => (await readdir(join(home, 'deep/place/p/00000'))).some((name) => name.endsWith('.part')))
        .toBe(true);
      const before = await readFile(join(home, 'deep/place/p/00000/x.00'));
      expect([1000, 4_000_000]).toContain(before.length);
      server.kill();
      await writing;
      expect((await readFile(join(home, 'deep/place/p/00000/x.00'))).equals(noise(4_000_000, round + 3))).toBe(true);
    }
    expect(await one.store.list('p/00000')).toEqual(['p/00000/x.00']);
    await one.close();
  });
});
