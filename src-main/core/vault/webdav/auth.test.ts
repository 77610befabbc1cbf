import fc from 'fast-check';
import { expect, it } from 'vitest';
import { md5Hex } from '#core/crypto/md5.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { createAuth, readDigest } from './auth.ts';
import { decodeProperties, encodeProperties } from './dead-properties.ts';
import { isPassword, makeVerifier, newPassword } from './password.ts';
import { roomFor } from './quota.ts';
import { decodeStored, encodeStored } from './stored.ts';

const host = createFakeHost();
const password = newPassword(host.random);
const verifier = makeVerifier(password, host.random);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

function digest(nonce: string, more: Partial<Record<string, string>> = {}): string {
  const given = { method: 'GET', uri: '/vault/', name: 'hypha', password, nc: '00000001', ...more };
  const a1 = md5Hex(`${given.name}:Hypha vault:${given.password}`);
  const response = md5Hex([a1, nonce, given.nc, 'cc', 'auth', md5Hex(`${given.method}:${given.uri}`)].join(':'));
  return `Digest username="${given.name}", realm="Hypha vault", nonce="${nonce}", uri="${given.uri}", response="${response}", qop=auth, nc=${given.nc}, cnonce="cc", algorithm="MD5"`;
}
const nonceOf = (challenge: string | undefined): string => /nonce="([^"]+)"/.exec(challenge ?? '')?.[1] ?? '';

it('makes passwords that are long, plain, and never the same', () => {
  expect(password).toMatch(/^([a-z2-7]{4}-){5}[a-z2-7]{4}$/);
  expect(newPassword(host.random)).not.toBe(password);
  expect(isPassword(verifier, password)).toBe(true);
  // As it is typed off a screen.
  expect(isPassword(verifier, ` ${password.toUpperCase()} `)).toBe(true);
  expect(isPassword(verifier, password.slice(1))).toBe(false);
  expect(isPassword(verifier.slice(1), password)).toBe(false);
  expect(Buffer.from(verifier).includes(password)).toBe(false);
});

it('lets in by Basic and by Digest, and nobody else', () => {
  const auth = createAuth(verifier, host);
  const check = (authorization?: string, url = '/vault/') => auth.check({ method: 'GET', url, authorization });
  expect(check()).toBe('none');
  expect(check(basic(`hypha:${password}`))).toBe('in');
  expect(check(basic(`anybody:${password}`))).toBe('in');
  for (const wrong of [
    basic('hypha:'),
    basic('hypha'),
    'Basic',
    'Basic !!!',
    'Bearer x',
    '',
    basic(`hypha:${password}x`),
  ]) {
    expect(check(wrong), wrong).toBe('wrong');
  }
  const nonce = nonceOf(auth.challenges(false)[0]);
  expect(check(digest(nonce))).toBe('in');
  expect(check(digest(nonce, { uri: 'http://127.0.0.1:1/vault/' }))).toBe('in');
  expect(check(digest(nonce, { uri: '/vault/%61' }), '/vault/a')).toBe('in');
  expect(check(digest(nonce, { uri: '/vault/a' }))).toBe('wrong');
  expect(check(digest(nonce, { method: 'PUT' }))).toBe('wrong');
  expect(check(digest(nonce, { password: 'x' }))).toBe('wrong');
  expect(check(digest(nonce, { name: 'x' }))).toBe('wrong');
  expect(check(digest(`${nonce}x`))).toBe('stale');
});

it('asks for a new challenge after a while, and takes none of another run', () => {
  const auth = createAuth(verifier, host);
  const nonce = nonceOf(auth.challenges(false)[0]);
  expect(auth.challenges(true)[0]).toContain('stale=true');
  host.advance(30 * 60_000);
  expect(auth.check({ method: 'GET', url: '/vault/', authorization: digest(nonce) })).toBe('stale');
  const other = nonceOf(createAuth(verifier, host).challenges(false)[0]);
  expect(auth.check({ method: 'GET', url: '/vault/', authorization: digest(other) })).toBe('stale');
});

it('holds wrong passwords back once there are many', () => {
  const auth = createAuth(verifier, host);
  expect(Array.from({ length: 10 }, () => auth.wrong())).toEqual(Array(10).fill(0));
  expect(auth.wrong()).toBe(1_000);
  host.advance(6_000);
  expect([auth.wrong(), auth.wrong()]).toEqual([0, 1_000]);
});

it('takes any text for a header', () => {
  const auth = createAuth(verifier, host);
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('Digest ', 'Basic ', 'nonce=', '"', ',', 'uri="/"', '\\"', '__proto__="x"'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      expect(auth.check({ method: 'GET', url: '/', authorization: pieces.join('') })).not.toBe('in');
    }),
    { numRuns: 1000 },
  );
  expect(readDigest('a="b\\"c", d=e')).toEqual({ a: 'b"c', d: 'e' });
  expect(readDigest('a=1, a=2')).toBeNull();
  expect(readDigest(`a="${'\\'.repeat(15_000)}`)).toBeNull();
});

it('reads back what is kept of the switch, and is off for anything else', () => {
  const value = fc.record({
    on: fc.boolean(),
    port: fc.option(fc.integer({ min: 1024, max: 65_535 })),
    verifier: fc.option(fc.uint8Array({ maxLength: 100 })),
  });
  fc.assert(fc.property(value, (stored) => void expect(decodeStored(encodeStored(stored))).toEqual(stored)));
  fc.assert(fc.property(fc.string(), (text) => void expect(decodeStored(text).on).toBe(false)));
  expect(decodeStored('{"version":2,"on":true,"port":null,"verifier":null}').on).toBe(false);
});

it('reads back properties, and takes any bytes', () => {
  const list = fc.array(fc.record({ ns: fc.string(), name: fc.string(), xml: fc.string() }), { maxLength: 5 });
  fc.assert(fc.property(list, (all) => void expect(decodeProperties(encodeProperties(all))).toEqual(all)));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeProperties(bytes)));
});

it('counts the room that is left by places and by the devices they share', () => {
  const on = (...all: [string, number][]) => all.map(([device, free]) => ({ device, free }));
  // Three places of one disk: its room once, a third of it parity.
  expect(roomFor(on(['a', 300], ['a', 300], ['a', 300]), 2, 1, 0)).toBe(200);
  // The smallest of three disks counts.
  expect(roomFor(on(['a', 100], ['b', 1000], ['c', 50]), 2, 1, 0)).toBe(100);
  // With a fourth there is a choice.
  expect(roomFor(on(['a', 100], ['b', 100], ['c', 100], ['d', 100]), 2, 1, 0)).toBe(266);
  expect(roomFor(on(['a', 100], ['b', 100]), 2, 1, 0)).toBe(0);
  expect(roomFor([], 2, 1, 0)).toBe(0);
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), fc.nat(2), (free, k, m) => {
      const room = roomFor(
        free.map((one, i) => ({ device: String(i), free: one })),
        k,
        m,
        0,
      );
      const height = room / k;
      // So much fits on different places at once.
      expect(free.reduce((sum, one) => sum + Math.min(one, height + 1e-9), 0)).toBeGreaterThanOrEqual(
        height * (k + m) - k - 1e-6,
      );
    }),
  );
});
