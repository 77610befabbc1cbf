import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import type { PlaceId } from '#shared/model/ids.ts';
import { rverKeys, startS3rver } from './remote/s3/testing/s3rver.ts';
import { login, sftpServer, startSshServer } from './remote/sftp/testing/ssh-server.ts';
import { realClock } from './remote/testing/real-clock.ts';
import { noRedis, startRedis } from './remote/testing/redis-server.ts';
import { connectZdb } from './remote/zdb/client.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';
import { openServer } from './zdb-server/testing/bench.ts';

const skip = noRedis ?? (sftpServer === null ? 'no sftp-server here (Debian: openssh-sftp-server)' : null);
if (skip) console.log(`left out: ${skip}`);

/** Real servers of every kind on loopback, and two directories. */
async function startAll() {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-kinds-'));
  const redis = await startRedis('--requirepass', 'redis password');
  const s3 = await startS3rver('box');
  const ssh = await startSshServer(directory);
  const zdb = await openServer();
  const admin = connectZdb({ host: '127.0.0.1', port: zdb.port }, { setTimer: realClock.setTimer });
  await admin.command('NSNEW', 'vault');
  await admin.command('NSSET', 'vault', 'password', 'zdb password');
  await admin.command('NSSET', 'vault', 'public', '0');
  await admin.close();
  const host = '127.0.0.1';
  const { secretAccessKey, ...s3Keys } = rverKeys;
  const named = {
    redis: { kind: 'redis', host, port: redis.port },
    s3: { kind: 's3', endpoint: s3.endpoint, bucket: 'box', ...s3Keys },
    sftp: { kind: 'sftp', host, port: ssh.port, user: login.user, directory: 'far/hypha' },
    zdb: { kind: 'zdb', host, port: zdb.port, namespace: 'vault' },
    one: { kind: 'directory', path: join(directory, 'one') },
    two: { kind: 'directory', path: join(directory, 'two') },
  } as const;
  const secrets = {
    redis: { password: 'redis password' },
    s3: { secretKey: secretAccessKey },
    sftp: { password: login.password },
    zdb: { password: 'zdb password' },
    one: {},
    two: {},
  };
  return {
    directory,
    named,
    secrets,
    redis,
    s3,
    async end() {
      await Promise.all([redis.end(), s3.close(), ssh.close(), zdb.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe.skipIf(skip !== null)('a vault over six places of five kinds', { timeout: 60_000 }, () => {
  let servers: Awaited<ReturnType<typeof startAll>>;
  let bench: Bench;
  const open = () => openBench({ host: { ...createFakeHost(), ...realClock } });
  beforeEach(async () => {
    servers = await startAll();
    bench = await open();
  });
  afterEach(async () => {
    await bench.close();
    await servers.end();
  });
  const h = () => bench.vault.handlers;
  type Name = keyof Awaited<ReturnType<typeof startAll>>['named'];

  /** What the person would do: see the key of the SFTP server, compare it, and confirm it. */
  const confirmed = async (name: Name) => {
    const { named, secrets } = servers;
    if (name !== 'sftp') return named[name];
    const { found, fingerprint } = await h()['vault.testPlace']({ ...named.sftp, ...secrets.sftp }, testContext());
    expect(found).toBe('unconfirmed');
    return { ...named.sftp, fingerprint: fingerprint ?? '' };
  };
  const setUp = async (names: readonly Name[]) => {
    const list = await Promise.all(names.map(confirmed));
    await h()['vault.setup'](
      { profile: { k: 4, m: 2 }, places: list, credentials: names.map((name) => servers.secrets[name]) },
      testContext(),
    );
  };
  const all: readonly Name[] = ['redis', 's3', 'sftp', 'zdb', 'one', 'two'];
  const sizes = [0, 10, 70_000, 1_000_000, 5_000_000];
  const putAll = async () => {
    const source = join(servers.directory, 'source');
    const paths = await Promise.all(
      sizes.map(async (size) => {
        const path = join(servers.directory, `f${size}`);
        await writeFile(path, noise(size, size + 3));
        return path;
      }),
    );
    await h()['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());
    await rm(source, { recursive: true, force: true });
  };
  const sameAll = async () => {
    for (const size of sizes) {
      const bytes = await readAll(h()['vault.read']({ item: `/f${size}`, offset: 0 }, testContext()));
      expect(Buffer.compare(bytes, noise(size, size + 3)), `f${size}`).toBe(0);
    }
  };
  const places = async () => (await h()['vault.places']({}, testContext())).places;

  it('sends and receives no faster than it may over all of them together, and loses nothing by it', async () => {
    await setUp(all);
    const rate = 4 * 1024 * 1024;
    await h()['vault.limitTraffic']({ up: rate, down: rate }, testContext());
    const traffic = () => h()['vault.traffic']({}, testContext());
    const timed = async (work: () => Promise<void>) => {
      const [before, began] = [await traffic(), performance.now()];
      await work();
      const [after, seconds] = [await traffic(), (performance.now() - began) / 1000];
      return { sent: after.sent - before.sent, received: after.received - before.received, seconds };
    };
    /** A tenth of a second may go at once, and a slice that each connection has in its hands. */
    const most = (seconds: number): number => rate * (seconds + 0.1) + 16 * 64 * 1024;
    const put = await timed(putAll);
    // Four of the six are servers, and 4+2 is half as much again.
    expect(put.sent).toBeGreaterThan(6_000_000);
    expect(put.sent).toBeLessThanOrEqual(most(put.seconds));
    const checked = await timed(async () => {
      expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    });
    expect(checked.received).toBeGreaterThan(6_000_000);
    expect(checked.received).toBeLessThanOrEqual(most(checked.seconds));
    await h()['vault.limitTraffic']({ up: 0, down: 0 }, testContext());
    await sameAll();
  });

  it('loses two of them, reads bit for bit, is repaired, and comes back on an empty machine from four', async () => {
    await setUp(all);
    await putAll();
    expect((await places()).map((p) => [p.kind, p.health])).toEqual(
      ['redis', 's3', 'sftp', 'zdb', 'directory', 'directory'].map((kind) => [kind, 'ok']),
    );
    // Six servers on one computer are one device: nothing else would be honest.
    expect(await h()['vault.status']({}, testContext())).toMatchObject({ survivesPlaces: 2, devices: 1 });

    await servers.redis.kill();
    await rm(servers.named.one.path, { recursive: true });
    await sameAll();
    await servers.redis.restart();
    await h()['vault.repair']({}, testContext());
    expect((await places()).map((p) => p.health)).toEqual(Array.from({ length: 6 }, () => 'ok'));
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });

    await bench.vault.stop();
    await rm(bench.home, { recursive: true, force: true });
    await rm(servers.named.two.path, { recursive: true });
    await servers.redis.kill();
    bench = await open();
    await setUp(['s3', 'sftp', 'zdb', 'one']);
    await sameAll();
    expect((await places()).filter((p) => p.health !== 'ok').map((p) => p.kind)).toEqual(['redis', 'directory']);
    // What opens the one that was not named came back too: it is used as soon as it answers.
    await servers.redis.restart();
    expect((await places()).find((p) => p.kind === 'redis')?.health).toBe('ok');
  });

  it('is away while locked after a restart, says when a password is wrong, and tells no secret', async () => {
    await setUp(all);
    await putAll();
    bench.keys.set(null);
    await bench.restart();
    expect((await places()).map((p) => p.health)).toEqual(['locked', 'locked', 'locked', 'locked', 'ok', 'ok']);
    bench.keys.set(new Uint8Array(32).fill(42));
    await sameAll();
    const told = JSON.stringify(await places());
    for (const secret of Object.values(servers.secrets).flatMap((one) => Object.values(one))) {
      // The public half of the key of the S3 double is the same word.
      if (secret !== rverKeys.accessKeyId) expect(told).not.toContain(secret);
    }
    const test = (input: object) => h()['vault.testPlace'](input, testContext());
    const { named } = servers;
    for (const name of ['redis', 'zdb'] as const) {
      expect(await test({ ...named[name], password: 'wrong' })).toMatchObject({ found: 'refused' });
    }
    expect(await test({ ...(await confirmed('sftp')), password: 'wrong' })).toMatchObject({ found: 'refused' });
    const place = (await places())[0]?.id as PlaceId;
    await expect(h()['vault.changePlace']({ place, password: 'wrong' }, testContext())).rejects.toMatchObject({
      code: 'BAD_PLACE',
    });
  });

  it('asks for the key of an SFTP server to be confirmed, and takes no other', async () => {
    await setUp(['redis', 's3', 'zdb', 'one', 'two', 'sftp']);
    const add = (more: object) =>
      h()['vault.addPlace'](
        { ...servers.named.sftp, directory: 'another', ...servers.secrets.sftp, ...more },
        testContext(),
      );
    await expect(add({})).rejects.toMatchObject({ code: 'CONFIRM_FINGERPRINT' });
    await expect(add({ fingerprint: `SHA256:${'A'.repeat(43)}` })).rejects.toMatchObject({ code: 'BAD_PLACE' });
  });
});
