import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { addressOf } from '../identity/address.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { numbers } from './dns-message.ts';
import { nameOfText, writeName } from './dns-name.ts';
import { createNameBook } from './name-book.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import type { Upstream } from './upstream.ts';

const run = promisify(execFile);
const key = (byte: number) => new Uint8Array(32).fill(byte);
const annAddress = addressText(addressOf(key(1)));
const crowd = Array.from({ length: 60 }, (_, i) => toHex(key(i)));
const lookup = createNameBook({
  people: () => [
    { label: 'ann', meshKeys: [toHex(key(1))] },
    { label: 'crowd', meshKeys: crowd },
  ],
  devices: () => [],
});

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const item of running.splice(0).reverse()) await item.stop();
});

async function server(upstream: Upstream | null = null, port = 0): Promise<NameServer> {
  const started = await startNameServer({ log: silentLog, random: seededRandom(1), lookup, port, upstream });
  running.push(started);
  return started;
}

function resolverAt({ port }: { port: number }): Resolver {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return resolver;
}

const plainQuery = (name: string, id = 7) =>
  concatBytes(numbers(id, 0x0100, 1, 0, 0, 0), writeName(nameOfText(name)), numbers(28, 1));

describe('the name responder on loopback', () => {
  it('answers the resolver of Node, over UDP and, for what is long, over TCP', async () => {
    const resolver = resolverAt(await server());
    expect(await resolver.resolve6('ann.hypha')).toEqual([annAddress]);
    expect(await resolver.resolve6('crowd.hypha')).toHaveLength(60);
    expect(await resolver.reverse(annAddress)).toEqual(['ann.hypha']);
    await expect(resolver.resolve6('ben.hypha')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolver.resolve4('ann.hypha')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve6('example.org')).rejects.toMatchObject({ code: 'EREFUSED' });
  });

  it('asks an upstream it was told of for everything else, and says so when that does not answer', async () => {
    const upstream = await server();
    const resolver = resolverAt(await server({ address: '127.0.0.1', port: upstream.port }));
    expect(await resolver.resolve6('ann.hypha')).toEqual([annAddress]);
    // The other one refuses what is not its own: the refusal comes back as it was given.
    await expect(resolver.resolve6('example.org')).rejects.toMatchObject({ code: 'EREFUSED' });
    await upstream.stop();
    running.splice(running.indexOf(upstream), 1);
    await expect(resolver.resolve6('example.org')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('believes no answer that it did not ask for', async () => {
    // An upstream that answers wrongly first (another id, another question) and then rightly.
    const fake = createSocket('udp4');
    await new Promise<void>((resolve) => fake.bind(0, '127.0.0.1', resolve));
    running.push({ stop: async () => void fake.close() });
    fake.on('message', (message, from) => {
      const reply = (change: (bytes: Buffer) => void) => {
        const bytes = Buffer.from(message);
        bytes[2] = 0x81;
        bytes[3] = 0x83;
        change(bytes);
        fake.send(bytes, from.port, from.address);
      };
      reply((bytes) => bytes.writeUInt16BE(bytes.readUInt16BE(0) ^ 1, 0));
      reply((bytes) => void bytes.writeUInt8(0x7a, 13));
      reply((bytes) => void bytes.writeUInt8(0x80, 3));
    });
    const resolver = resolverAt(await server({ address: '127.0.0.1', port: fake.address().port }));
    // NXDOMAIN would be the forged one; the true one has no data.
    await expect(resolver.resolve6('example.org')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('takes queries over one connection in pieces and in a row, and drops who sends none', async () => {
    const { port } = await server();
    const framed = (name: string, id: number) => {
      const query = plainQuery(name, id);
      return concatBytes(numbers(query.length), query);
    };
    const all = concatBytes(...Array.from({ length: 20 }, (_, i) => framed('ann.hypha', i)));
    const socket = connect({ port, host: '127.0.0.1' });
    let got = Buffer.alloc(0);
    const done = new Promise<number[]>((resolve) => {
      socket.on('data', (data) => {
        got = Buffer.concat([got, data]);
        const ids: number[] = [];
        for (let at = 0; at + 2 <= got.length; at += 2 + got.readUInt16BE(at)) {
          if (at + 4 <= got.length) ids.push(got.readUInt16BE(at + 2));
        }
        if (ids.length === 20) resolve(ids);
      });
    });
    for (let at = 0; at < all.length; at += 17) socket.write(all.subarray(at, at + 17));
    expect((await done).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    socket.write(concatBytes(numbers(3), Uint8Array.of(1, 2, 3)));
    await new Promise((resolve) => socket.on('close', resolve));
  });

  it('outlives any datagram', async () => {
    const { port } = await server();
    const random = seededRandom(9);
    const socket = createSocket('udp4');
    for (let i = 0; i < 500; i++) socket.send(random((random(1)[0] ?? 0) * 2), port, '127.0.0.1');
    expect(await resolverAt({ port }).resolve6('ann.hypha')).toEqual([annAddress]);
    socket.close();
  });

  it('does not begin on a port that somebody has', async () => {
    const first = await server();
    await expect(server(null, first.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    running.push({ stop: () => new Promise((resolve) => void other.close(() => resolve())) });
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(server(null, taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

const has = (program: string, flag: string) => {
  try {
    execFileSync(program, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
for (const [program, flag, once] of [
  ['dig', '-v', '+tries=1'],
  ['kdig', '-V', '+retry=0'],
] as const) {
  const there = has(program, flag);
  if (!there) console.log(`skipped: the name responder with ${program}, which is not installed here`);
  describe.skipIf(!there)(`the name responder, asked by ${program}`, () => {
    it('says the same over UDP and TCP, with EDNS and without', async () => {
      const { port } = await server();
      const ask = async (...args: string[]) =>
        (await run(program, ['@127.0.0.1', '-p', String(port), '+time=3', once, ...args])).stdout;
      for (const more of [['+notcp'], ['+tcp'], ['+noedns'], ['+bufsize=4096']])
        expect((await ask('AAAA', 'ann.hypha', '+short', ...more)).trim()).toBe(annAddress);
      expect((await ask('-x', annAddress, '+short')).trim()).toBe('ann.hypha.');
      expect(await ask('AAAA', 'ben.hypha')).toMatch(/status: NXDOMAIN[\s\S]*SOA/);
      expect(await ask('AAAA', 'example.org')).toMatch(/status: REFUSED/);
      expect((await ask('AAAA', 'crowd.hypha', '+short')).trim().split('\n')).toHaveLength(60);
      expect(await ask('SOA', 'hypha')).toMatch(/ns\.hypha\. nobody\.hypha\./);
      const all = await ask('AAAA', 'ann.hypha', '+norecurse');
      expect(all).not.toMatch(/WARN|malformed|extra/i);
    });
  });
}
