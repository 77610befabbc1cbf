import { type IncomingHttpHeaders, request } from 'node:http';
import { expect, vi } from 'vitest';
import { type Bench, openBench, testContext } from '../../testing/harness.ts';

export interface TestDisk {
  readonly bench: Bench;
  readonly url: string;
  readonly port: number;
  readonly password: string;
  close(): Promise<void>;
}
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** A vault in a fresh directory with its disk on. */
export async function openDisk(extra: Parameters<typeof openBench>[0] = {}): Promise<TestDisk> {
  const bench = await openBench(extra);
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  const { address, password } = await bench.vault.handlers['vault.webdavOn']({ newPassword: false }, testContext());
  if (address === null || password === null) throw new Error('the disk is not there');
  return { bench, url: address, port: Number(new URL(address).port), password, close: () => bench.close() };
}

export const statusOf = ({ bench }: TestDisk) => bench.vault.handlers['vault.webdavStatus']({}, testContext());

/** Resolves when it answers again where it did. */
export async function back(disk: TestDisk): Promise<void> {
  await vi.waitFor(async () => expect((await statusOf(disk)).address).toBe(disk.url));
}

export const basicOf = ({ password }: { password: string }): string =>
  `Basic ${Buffer.from(`hypha:${password}`).toString('base64')}`;

/** One request as it is given: no path is tidied, no header added but the password (left out for an empty one). */
export function ask(
  disk: TestDisk,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: disk.port,
        method,
        path,
        headers: Object.fromEntries(
          Object.entries({
            Authorization: basicOf(disk),
            ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
            ...headers,
          }).filter(([, value]) => value !== ''),
        ),
        agent: false,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(pieces);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            text: whole.toString('utf8'),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
