import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import S3rver from 's3rver';

export const rverKeys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', region: 'us-east-1' };

let writes = 0;

/** The server s3rver over a directory of its own, with one bucket. */
export async function startS3rver(bucket: string) {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-s3rver-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  // It writes into the file in place and answers before that is done; S3 stores an object whole or not at all.
  const { store } = server;
  store.putObject = async (object) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of object.content) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const path = store.getResourcePath(object.bucket, object.key, 'object');
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${++writes}`;
    await writeFile(temporary, bytes);
    await rename(temporary, path);
    const md5 = createHash('md5').update(bytes).digest('hex');
    await store.putMetadata(object.bucket, object.key, object.metadata, md5);
    return { size: bytes.length, md5 };
  };
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    directory: join(directory, bucket),
    cut: (): void => server.httpServer.closeAllConnections(),
    async close() {
      // Kept connections would hold it open.
      server.httpServer.closeAllConnections();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
