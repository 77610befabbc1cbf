import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createSha256 } from '#core/crypto/hash.ts';
import { noise } from '../testing/harness.ts';

const program = fileURLToPath(new URL('./testing/disk-child.ts', import.meta.url));
const mb = 1_000_000;
/** More by HYPHA_DISK_MB, as 3000. */
const size = Number(process.env.HYPHA_DISK_MB ?? 200);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Write the file as fast as it is taken: random bytes, with a number in each page, so that nothing of it comes twice. */
async function send(url: string, headers: Record<string, string>): Promise<string> {
  const sent = createSha256();
  const put = request(url, { method: 'PUT', headers: { ...headers, 'Transfer-Encoding': 'chunked' } });
  const answered = once(put, 'response');
  const piece = noise(mb, 5);
  for (let i = 0; i < size; i++) {
    const next = Buffer.from(piece);
    for (let at = 0; at < mb; at += 4096) next.writeUInt32LE((i * 2_654_435_761) >>> 0, at);
    sent.update(next);
    if (!put.write(next)) await once(put, 'drain');
  }
  put.end();
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(201);
  return hex(sent.digest());
}

async function receive(url: string, headers: Record<string, string>): Promise<string> {
  const got = createSha256();
  const get = request(url, { headers });
  get.end();
  const [response] = (await once(get, 'response')) as [IncomingMessage];
  for await (const one of response as AsyncIterable<Uint8Array>) got.update(one);
  return hex(got.digest());
}

it('has a file whole or as it was when it is killed in the middle of one', { timeout: 60_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-webdav-killed-'));
  const start = async () => {
    const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(child.stdout), 'line');
    return { child, ...(JSON.parse(String(line)) as { address: string; password: string | null }) };
  };
  let running: ChildProcess | null = null;
  try {
    const first = await start();
    running = first.child;
    const headers = { Authorization: `Basic ${Buffer.from(`hypha:${first.password}`).toString('base64')}` };
    const url = `${first.address}a.txt`;
    expect((await fetch(url, { method: 'PUT', headers, body: 'old' })).status).toBe(201);
    const put = request(url, { method: 'PUT', headers: { ...headers, 'Content-Length': 40 * mb } });
    const broken = once(put, 'error');
    for (let i = 0; i < 20; i++) if (!put.write(noise(mb, i + 1))) await once(put, 'drain');
    first.child.kill('SIGKILL');
    await broken.catch(() => {});
    const again = await start();
    running = again.child;
    expect([again.address, again.password]).toEqual([first.address, null]);
    expect(await (await fetch(url, { headers })).text()).toBe('old');
    expect((await fetch(url, { method: 'PUT', headers, body: 'new' })).status).toBe(204);
  } finally {
    running?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});

it('writes and reads a large file in bounded memory', { timeout: 3_600_000 }, async (context) => {
  if (process.platform !== 'linux') {
    console.log('skipped: only Linux tells the most memory a process held (VmHWM)');
    context.skip();
  }
  const directory = await mkdtemp(join(tmpdir(), 'hypha-webdav-large-'));
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const told = async () =>
      JSON.parse((await lines.next()).value ?? '{}') as Record<string, string> & { peak: number };
    const { address, password, peak: before } = await told();
    const headers = { Authorization: `Basic ${Buffer.from(`hypha:${password}`).toString('base64')}` };
    const url = `${address}large.bin`;
    const at = [performance.now()];
    const sent = await send(url, headers);
    at.push(performance.now());
    const got = await receive(url, headers);
    at.push(performance.now());
    child.stdin.end();
    const { peak } = await told();
    const [start = 0, half = 0, end = 0] = at;
    const rate = (ms: number): string => `${Math.round((size * 1000) / ms)} MB/s`;
    console.log(
      `webdav: ${size} MB in at ${rate(half - start)} and out at ${rate(end - half)}; memory ${Math.round(before / mb)} MB before, ${Math.round(peak / mb)} MB at most`,
    );
    expect(got).toBe(sent);
    // Measured above what the process holds at rest: 115 MB with 200 MB, 175 MB with 3 GB.
    expect(peak - before).toBeLessThan(200 * mb);
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});
