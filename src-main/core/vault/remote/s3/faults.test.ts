import type { ServerResponse } from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import { realClock } from '../testing/real-clock.ts';
import type { Clock } from '../timing.ts';
import { createS3Backend } from './backend.ts';
import type { S3Tuning } from './client.ts';
import { type FakeS3, type Fault, fakeBucket, fakeKeys, refuse, startFakeS3 } from './testing/fake-s3.ts';

const fast: Partial<S3Tuning> = { deadlines: { idleMs: 300, requestMs: 600, msPerByte: 0 }, waits: [5, 10, 20] };
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
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 7)) & 255);

let fake: FakeS3;
let one: ReturnType<typeof createS3Backend>;
const open = (more: Partial<Parameters<typeof createS3Backend>[0]> = {}, clock: Clock = realClock) =>
  createS3Backend({ endpoint: fake.endpoint, bucket: fakeBucket, prefix: 'h', ...fakeKeys, ...more }, clock, fast);
beforeEach(async () => {
  fake = await startFakeS3();
  one = open();
});
afterEach(async () => {
  await one.close();
  await fake.close();
});

/** The fault strikes the first `times` requests that `match`. */
const first = (times: number, match: (method: string, key: string) => boolean, fault: Fault): Fault => {
  let left = times;
  return (asked, response, socket) =>
    left > 0 && match(asked.method, asked.key) && left-- > 0 ? fault(asked, response, socket) : false;
};
const puts = (method: string) => method === 'PUT';
const gets = (method: string) => method === 'GET';
const cut: Fault = (_, __, socket) => {
  socket.destroy();
  return true;
};
const hang: Fault = () => true;
const say =
  (status: number, code: string, message?: string): Fault =>
  (_, response: ServerResponse) =>
    refuse(response, status, code, message);

it.each<[string, Fault]>([
  ['cut connections', cut],
  ['503 SlowDown', say(503, 'SlowDown')],
  ['429', say(429, '')],
  ['500', say(500, 'InternalError')],
  ['400 RequestTimeout', say(400, 'RequestTimeout')],
  ['a bad digest', say(400, 'BadDigest')],
  ['silence', hang],
])('stores and reads in spite of %s, three times', async (_, fault) => {
  fake.fault = first(3, puts, fault);
  await one.store.put('c/x', [noise(100_000), noise(5)]);
  expect(fake.objects.get('h/c/x')?.bytes.equals(Buffer.concat([noise(100_000), noise(5)]))).toBe(true);
  expect(fake.asked.length).toBe(4);
  fake.fault = first(3, gets, fault);
  const target = new Uint8Array(1000);
  expect(await one.store.read('c/x', 99_000, target)).toBe(true);
  expect(target).toEqual(noise(100_000).subarray(99_000));
});

it('gives up after the fourth time, in words, and goes on when the server is back', async () => {
  fake.fault = say(503, 'SlowDown');
  await expect(one.store.put('c/x', [noise(10)])).rejects.toMatchObject({ code: 'ETIMEDOUT', kind: 'silent' });
  expect(fake.asked.length).toBe(4);
  expect(one.reason()?.text).toContain('cannot answer right now (503, SlowDown)');
  expect((await one.inspect()).kind).toBe('silent');
  fake.fault = null;
  await one.store.put('c/x', [noise(10)]);
  expect(one.reason()).toBeNull();
});

it('never takes the words of a cut put for a stored one, and does not free its parts before', async () => {
  let taken = false;
  fake.fault = (asked, response) => {
    if (asked.method !== 'PUT') return false;
    // Half of an answer, as of a server that is killed in it.
    response.socket?.end('HTTP/1.1 200 OK\r\nContent-Le');
    return true;
  };
  await expect(
    one.store.put('c/x', [noise(100)], () => {
      taken = true;
    }),
  ).rejects.toMatchObject({ kind: 'silent' });
  expect(taken).toBe(false);
});

it('knows a server by its tag that stores other bytes than were sent', async () => {
  fake.checksums = false;
  fake.fault = first(1, puts, (_, response) => {
    response.writeHead(200, { etag: `"${'0'.repeat(32)}"` }).end();
    return true;
  });
  await one.store.put('c/x', [noise(100)]);
  expect(fake.asked.length).toBe(2);
  fake.fault = (_, response) => {
    response.writeHead(200, { etag: `"${'0'.repeat(32)}"` }).end();
    return true;
  };
  await expect(one.store.put('c/y', [noise(100)])).rejects.toMatchObject({ code: 'EIO' });
  // With keys of the server's own the tag is no digest; its own comparison with Content-MD5 counts then.
  fake.fault = (_, response) => {
    response.writeHead(200, { etag: `"${'0'.repeat(32)}"`, 'x-amz-server-side-encryption': 'aws:kms' }).end();
    return true;
  };
  await one.store.put('c/z', [noise(100)]);
});

const withRange =
  (range: string, body: Uint8Array, length = body.length): Fault =>
  (asked, response) => {
    if (asked.method !== 'GET') return false;
    response.writeHead(206, { 'content-range': range, 'content-length': length });
    if (length === body.length) response.end(body);
    else response.write(body, () => response.socket?.destroy());
    return true;
  };

it('takes no truncated, shifted or endless answer for the bytes it asked for', async () => {
  await one.store.put('c/x', [noise(1000)]);
  const target = new Uint8Array(100);
  fake.fault = withRange('bytes 0-99/1000', noise(60), 100);
  await expect(one.store.read('c/x', 0, target)).rejects.toMatchObject({ kind: 'silent' });
  fake.fault = withRange('bytes 0-99/1000', noise(60));
  await expect(one.store.read('c/x', 0, target)).rejects.toMatchObject({ kind: 'silent' });
  fake.fault = withRange('bytes 500-599/1000', noise(100));
  await expect(one.store.read('c/x', 0, target)).rejects.toMatchObject({ kind: 'broken' });
  fake.fault = withRange('nonsense', noise(100));
  await expect(one.store.read('c/x', 0, target)).rejects.toMatchObject({ kind: 'broken' });
  // Longer than asked for: what was asked for is taken, the rest never.
  const much = new Uint8Array(1024 * 1024);
  fake.fault = (asked, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-99/1000' });
    const more = () => {
      while (!response.destroyed && response.write(much));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
    return asked.method === 'GET';
  };
  expect(await one.store.read('c/x', 0, target)).toBe(true);
  await expect(one.store.list('c')).rejects.toMatchObject({ kind: 'broken' });
  // A server that knows no ranges sends all of it.
  fake.fault = (asked, response) => {
    response.writeHead(200).end(noise(1000));
    return asked.method === 'GET';
  };
  expect(await one.store.read('c/x', 300, target)).toBe(true);
  expect(target).toEqual(noise(1000).subarray(300, 400));
  expect(await one.store.read('c/x', 950, target)).toBe(false);
});

it('ends with an error where the server hangs or drips', async () => {
  fake.fault = hang;
  await expect(one.store.size('c/x')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect((await one.inspect()).kind).toBe('silent');
  expect(await one.isMarked(identity.vault, 'one')).toBe(false);
  fake.fault = (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-99/1000', 'content-length': 100 });
    const drip = setInterval(() => void response.write('x'), 50);
    response.on('close', () => clearInterval(drip));
    return true;
  };
  await expect(one.store.read('c/x', 0, new Uint8Array(100))).rejects.toMatchObject({ kind: 'silent' });
});

it.each([
  ['RequestTimeTooSkewed', 403, 'refused', 'EACCES', 'The clocks of this computer and of'],
  ['InvalidAccessKeyId', 403, 'refused', 'EACCES', 'does not know this access key'],
  ['AccessDenied', 403, 'refused', 'EACCES', 'does not let this access key'],
  ['AuthorizationHeaderMalformed', 400, 'refused', 'EACCES', 'refuses the region'],
  ['PermanentRedirect', 301, 'refused', 'EACCES', 'is at another address'],
  ['QuotaExceeded', 403, 'full', 'ENOSPC', 'takes no more data'],
  ['XMinioStorageFull', 507, 'full', 'ENOSPC', 'takes no more data'],
  ['', 507, 'full', 'ENOSPC', 'takes no more data'],
  ['NotImplemented', 501, 'broken', 'EIO', 'answered 501'],
] as const)('says %s (%d) in plain words, once', async (code, status, kind, errno, words) => {
  fake.fault = say(status, code);
  await expect(one.store.put('c/x', [noise(1)])).rejects.toMatchObject({ kind, code: errno });
  expect(fake.asked.length).toBe(1);
  expect(one.reason()?.text).toContain(words);
  expect(one.reason()?.next).not.toBe('');
});

it('says it of a wrong secret, which the server alone can know', async () => {
  const other = open({ secretAccessKey: 'wrong' });
  expect((await other.inspect()).kind).toBe('unreadable');
  expect(other.reason()?.text).toContain('secret key does not fit');
  await other.close();
});

it('loses its right in the middle and says so; what was stored stays', async () => {
  expect(await one.claim(identity)).toBe(true);
  await one.store.put('c/x', [noise(1)]);
  fake.fault = say(403, 'AccessDenied', 'The key was revoked');
  await expect(one.store.put('c/y', [noise(1)])).rejects.toMatchObject({ code: 'EACCES' });
  expect(await one.inspect()).toMatchObject({ kind: 'unreadable', writable: false });
  expect(await one.isMarked(identity.vault, 'one')).toBe(false);
  // A right to read alone: seen when a write is refused.
  fake.fault = (asked, response) => asked.method !== 'GET' && refuse(response, 403, 'AccessDenied');
  await expect(one.store.put('c/y', [noise(1)])).rejects.toMatchObject({ code: 'EACCES' });
  expect(await one.inspect()).toMatchObject({ kind: 'place', writable: false });
  fake.fault = null;
  await one.store.put('c/y', [noise(1)]);
  expect(await one.inspect()).toMatchObject({ kind: 'place', writable: true });
});

it('ends what is under way when it is closed, and takes nothing after', async () => {
  fake.fault = hang;
  const waiting = Promise.allSettled([one.store.put('c/x', [noise(1)]), one.store.size('c/x'), one.inspect()]);
  await expect.poll(() => fake.asked.length).toBe(3);
  await one.close();
  const ended = await waiting;
  expect(ended.map((each) => each.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(one.store.size('c/x')).rejects.toMatchObject({ kind: 'closed' });
  expect(fake.asked.length).toBe(3);
});

it('finds a server again that was gone, at its old address', async () => {
  const port = Number(new URL(fake.endpoint).port);
  await fake.close();
  expect((await one.inspect()).kind).toBe('silent');
  expect(one.reason()?.text).toContain('takes no connection');
  // Something else answers there now.
  const other = net.createServer((socket) => void socket.resume().end('220 mail.example ESMTP\r\n'));
  await new Promise<void>((resolve) => void other.listen(port, '127.0.0.1', resolve));
  expect((await one.inspect()).kind).toBe('unreadable');
  expect(one.reason()?.text).toContain('does not answer as a web server does');
  await new Promise((resolve) => void other.close(resolve));
});

it('claims once although the answer to the write was lost', async () => {
  fake.fault = (asked, response, socket) => {
    if (asked.method !== 'PUT' || asked.key !== 'h/hypha-place.json') return false;
    fake.fault = null;
    fake.objects.set(asked.key, { bytes: Buffer.from(`${JSON.stringify(identity, null, 2)}\n`), modified: Date.now() });
    response.on('error', () => {});
    socket.destroy();
    return true;
  };
  expect(await one.claim(identity)).toBe(true);
  expect([...fake.objects.keys()]).toEqual(['h/hypha-place.json']);
});

it('passes by the ticket of somebody who was killed while claiming long ago, not of one who claims now', async () => {
  const ticket = 'h/hypha-place.json.claim-00';
  fake.objects.set(ticket, { bytes: Buffer.alloc(0), modified: Date.now() - 60_000 });
  const skipping: Clock = { ...realClock, setTimer: (ms, fire) => realClock.setTimer(Math.min(ms, 300), fire) };
  const hasty = open({}, skipping);
  expect((await hasty.inspect()).kind).toBe('empty');
  await expect(hasty.claim(identity)).rejects.toThrow('Somebody else');
  fake.objects.set(ticket, { bytes: Buffer.alloc(0), modified: Date.now() - 3_600_000 });
  expect(await hasty.claim(identity)).toBe(true);
  expect([...fake.objects.keys()]).toEqual(['h/hypha-place.json']);
  await hasty.close();
});
