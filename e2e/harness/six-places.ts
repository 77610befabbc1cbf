/// <reference path="../../src-main/core/vault/remote/s3/testing/s3rver-types.d.ts" />
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { rverKeys, startS3rver } from '#core/vault/remote/s3/testing/s3rver.ts';
import { login, sftpServer, startSshServer } from '#core/vault/remote/sftp/testing/ssh-server.ts';
import { realClock } from '#core/vault/remote/testing/real-clock.ts';
import { startRedis } from '#core/vault/remote/testing/redis-server.ts';
import { connectZdb } from '#core/vault/remote/zdb/client.ts';
import { openServer } from '#core/vault/zdb-server/testing/bench.ts';
import type { AgentClient } from '#shared/contract/agent.ts';

/** Why SFTP is left out here, of which S3 takes the stead; null when it is not. */
export const noSftp = sftpServer === null ? 'no sftp-server here (Debian: openssh-sftp-server)' : null;

/** Six places with passwords, of five kinds (four without SFTP), real servers on loopback. */
export interface SixPlaces {
  /** What `vault.setup` takes. */
  setUp(client: AgentClient): Promise<void>;
  /** The passwords and keys, none of which may be read anywhere. */
  readonly secrets: readonly string[];
  /** Destroy a directory and a server, for good. */
  destroyTwo(): Promise<void>;
  end(): Promise<void>;
}

export async function sixPlaces(scratch: string): Promise<SixPlaces> {
  const host = '127.0.0.1';
  const ground = path.join(scratch, 'places');
  await mkdir(path.join(ground, 'ssh'), { recursive: true });
  const redis = await startRedis('--requirepass', 'password of redis');
  const s3 = await startS3rver('box');
  const ssh = noSftp === null ? await startSshServer(path.join(ground, 'ssh')) : null;
  const zdb = await openServer();
  const admin = connectZdb({ host, port: zdb.port }, { setTimer: realClock.setTimer });
  await admin.command('NSNEW', 'vault');
  await admin.command('NSSET', 'vault', 'password', 'password of zdb');
  await admin.command('NSSET', 'vault', 'public', '0');
  await admin.close();
  const { secretAccessKey, ...s3Keys } = rverKeys;
  const bucket = { kind: 's3', endpoint: s3.endpoint, bucket: 'box', ...s3Keys } as const;
  const far = ssh && ({ kind: 'sftp', host, port: ssh.port, user: login.user, directory: 'far/hypha' } as const);
  const lost = path.join(ground, 'drive on the desk');
  return {
    async setUp(client) {
      const shown = far && (await client['vault.testPlace']({ ...far, password: login.password }));
      const sixth = far
        ? { ...far, fingerprint: shown?.fingerprint ?? '', name: 'Office' }
        : { ...bucket, prefix: 'second', name: 'Office' };
      await client['vault.setup']({
        profile: { k: 4, m: 2 },
        places: [
          { kind: 'directory', path: lost, name: 'Desk' },
          { kind: 'directory', path: path.join(ground, 'drive in the attic'), name: 'Attic' },
          { kind: 'zdb', host, port: zdb.port, namespace: 'vault', name: 'Farm' },
          { kind: 'redis', host, port: redis.port, name: 'Cellar' },
          { ...bucket, prefix: 'first', name: 'Cloud' },
          sixth,
        ],
        credentials: [
          {},
          {},
          { password: 'password of zdb' },
          { password: 'password of redis' },
          { secretKey: secretAccessKey },
          far ? { password: login.password } : { secretKey: secretAccessKey },
        ],
      });
    },
    // The public half of the key of the S3 server is the same word as its secret.
    secrets: ['password of zdb', 'password of redis', ...(far ? [login.password] : [])],
    async destroyTwo() {
      await rm(lost, { recursive: true });
      await redis.kill();
    },
    async end() {
      await Promise.all([redis.end(), s3.close(), ssh?.close(), zdb.stop()]);
    },
  };
}
