import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { readPush } from '../http-api/daemon-json.ts';
import { decodeOutOfBand } from '../icmp/out-of-band.ts';
import { decodeFragment, encodeFragment } from '../messages/fragment.ts';
import { decodeQuery } from '../names/dns-message.ts';
import { decodeIcmp, decodeQuote, encodeIcmp } from '../netstack/ip/icmpv6.ts';
import { decodeIpv6, walkHeaders } from '../netstack/ip/ipv6.ts';
import { decodeUdp, encodeUdp } from '../netstack/ip/udp.ts';
import { decodeAuthentication, decodeGreeting, decodeRequest } from '../netstack/proxy/socks-codec.ts';
import { createSegment, decodeSegment } from '../netstack/tcp/segment.ts';
import { decodeDataHead, decodeHandshake, decodeIntro } from '../session/wire.ts';
import { control } from '../testing/vectors.ts';
import { decodeBeacon, encodeBeacon } from './beacon.ts';
import { decodeControl } from './control.ts';
import { decodeDataPacket } from './packet.ts';
import { routerIdOf } from './router-id.ts';
import { decodeUserData } from './user-data.ts';

/*
 * Every decoder of the mesh on mutations of what any of them reads: bytes that are nearly right get further than noise. What a
 * decoder cannot read is null, a kind of its own, or, for HTTP bodies, a typed refusal; nothing else is ever thrown.
 * `HYPHA_FUZZ=5000000 npx vitest run src-main/core/mesh/wire/every-decoder` runs as many as told; what ever failed, and what
 * once was near to it, lies in `corpus/` as hex and is tried first.
 */
const rounds = Number(process.env.HYPHA_FUZZ ?? 10_000);
const seed = Number(process.env.HYPHA_SEED ?? 1);
const corpusDirectory = new URL('./corpus/', import.meta.url);
const corpus = readdirSync(corpusDirectory)
  .filter((name) => name.endsWith('.hex'))
  .sort()
  .map((name) => [name, hex(readFileSync(new URL(name, corpusDirectory), 'utf8').trim())] as const);

const into = createSegment();
const decoders: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  control: decodeControl,
  'data packet': decodeDataPacket,
  'user data': decodeUserData,
  beacon: decodeBeacon,
  fragment: decodeFragment,
  'out of band': decodeOutOfBand,
  handshake: decodeHandshake,
  intro: decodeIntro,
  'session data': decodeDataHead,
  ipv6: decodeIpv6,
  headers: walkHeaders,
  icmp: (bytes) => decodeIcmp(bytes, 40, bytes.length),
  quote: decodeQuote,
  udp: (bytes) => decodeUdp(bytes, 40, bytes.length),
  tcp: (bytes) => decodeSegment(bytes, 40, bytes.length, into),
  'socks greeting': decodeGreeting,
  'socks authentication': decodeAuthentication,
  'socks request': decodeRequest,
  dns: decodeQuery,
  'http body': (bytes) => {
    try {
      return readPush(new TextDecoder().decode(bytes));
    } catch (error) {
      // The refusals that its server knows how to say.
      if ((error as Error).constructor.name === 'Refusal') return null;
      throw error;
    }
  },
};

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const envelope = { source: new Uint8Array(16).fill(4), destination: new Uint8Array(16).fill(5), hopLimit: 64 };
const valid: readonly Uint8Array[] = [
  ...Object.values(control).map(hex),
  encodeBeacon({ port: 9651, routerId: routerIdOf(new Uint8Array(40).fill(3)) }),
  encodeFragment({ kind: 'init', id: '0011223344556677', reply: false, length: 9, topic: text('t') }),
  encodeFragment({ kind: 'chunk', id: '0011223344556677', index: 0, offset: 0, data: text('chunk') }),
  encodeFragment({ kind: 'done', id: '0011223344556677', chunks: 1, digest: new Uint8Array(32).fill(9) }),
  encodeUdp(envelope, { sourcePort: 53, destinationPort: 53, data: text('datagram') }),
  encodeIcmp(envelope, { type: 128, code: 0, word: 7, body: text('ping') }),
  // A TCP SYN with its largest segment, behind an IPv6 header.
  hex(`6000000000180640${'04'.repeat(16)}${'05'.repeat(16)}0016c35000000001000000006002ffff0000000002040550`),
  hex('050102'),
  hex('010568797068610870617373776f7264'),
  hex('0501000309616e6e2e68797068610050'),
  hex('0501000404000000000000000000000000000000000001bb'),
  // The AAAA record of ann.hypha.
  hex('12340100000100000000000003616e6e05687970686100001c0001'),
  text('{"dst":{"ip":"5ab::1"},"topic":"dA==","payload":"aGk="}'),
  ...corpus.map(([, bytes]) => bytes),
];

function tryAll(bytes: Uint8Array): void {
  const before = bytes.slice();
  for (const [name, decode] of Object.entries(decoders)) {
    try {
      decode(bytes);
    } catch (error) {
      throw new Error(`${name}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
  // Readers lend from what they read; none writes to it.
  expect(bytes).toEqual(before);
}

describe('every decoder', () => {
  it.each(corpus)('survives %s', (_, bytes) => tryAll(bytes));

  it(`survives ${rounds} mutations (seed ${seed})`, () => {
    const random = seededRandom(seed);
    for (const bytes of valid) tryAll(bytes);
    for (let round = 0; round < rounds; round++) {
      const [which = 0, second = 0, changes = 0, cut = 0, place = 0, headed = 0] = random(6);
      const base = valid[which % valid.length] ?? new Uint8Array(0);
      const other = valid[second % valid.length] ?? new Uint8Array(0);
      // Alone, with another behind it, or behind an IPv6 header, as the upper layers get theirs.
      const parts = headed < 40 ? [encodeUdp(envelope, { sourcePort: 1, destinationPort: 2, data: base })] : [base];
      if (headed > 200) parts.push(other);
      let bytes = Uint8Array.from(Buffer.concat(parts));
      for (let i = changes & 7; i > 0 && bytes.length > 0; i--) {
        const [high = 0, low = 0, what = 0] = random(3);
        bytes[(high * 256 + low) % bytes.length] = what < 32 ? 255 : what < 64 ? 0 : what;
      }
      if (cut < 64) bytes = bytes.slice(0, (place * 4) % (bytes.length + 1));
      tryAll(bytes);
    }
  });
});
