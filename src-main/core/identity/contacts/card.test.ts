import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64url } from '#core/crypto/encoding.ts';
import { joinKeyLogs } from '../key-log-join.ts';
import { deriveKeySet } from '../person-keys.ts';
import { readBytes } from './byte-reader.ts';
import { decodeCard, encodeShortCard, encodeWholeCard, type WholeCard } from './card-format.ts';
import { cardLink, readCardLink } from './card-link.ts';
import { decodeLog, encodeLog } from './log-bytes.ts';
import { makeSomeone } from './testing/people.ts';

const now = Date.UTC(2026, 10, 23);
const anna = makeSomeone('Anna Ärmel', 21);
const spare = anna.addDevice(1500);
anna.revoke(spare);
const card = anna.card(now);
const whole = fromBase64url(card.whole) ?? new Uint8Array(0);
const short = fromBase64url(card.short) ?? new Uint8Array(0);

function good(bytes: Uint8Array) {
  const outcome = decodeCard(bytes);
  if (!outcome.ok) throw new Error(outcome.fault);
  return outcome.card;
}

describe('a contact card', () => {
  it('says, whole, who the person is and which devices act for them', () => {
    const read = good(whole) as WholeCard;
    const log = anna.log();
    expect(read).toMatchObject({ kind: 'whole', person: log.person, name: 'Anna Ärmel', sequence: now, issuedAt: now });
    expect(read.entries).toEqual(anna.entries);
    expect(read.log).toEqual(log);
  });

  it('says, short, what to look for, this device first, without revoked ones', () => {
    const { person, keys, devices } = anna.log();
    expect(good(short)).toMatchObject({
      kind: 'short',
      person,
      sign: keys.sign,
      meshKeys: devices.filter(({ revokedAt }) => revokedAt === null).map(({ keys: { mesh } }) => mesh),
    });
    // A QR code of version 15 takes 412 bytes at level M.
    expect(cardLink(short).length).toBeLessThan(412);
  });

  it('passes the one before it in sequence when the clock goes back', () => {
    expect(anna.card(now - 1000, card).sequence).toBe(now + 1);
    expect(anna.card(now + 1000, card).sequence).toBe(now + 1000);
  });

  it('comes back whole out of a link, whatever a mail program did to it', () => {
    const link = cardLink(whole);
    const folded = `  <${link.replace(/.{70}/g, '$&\r\n ')}>\n`;
    for (const text of [link, folded, link.replace('hypha://contact/', 'HYPHA://Contact/')])
      expect(readCardLink(text)).toMatchObject({ ok: true, card: { kind: 'whole' } });
    for (const text of [
      '',
      'hypha://contact/',
      link.slice(0, -1),
      link.replace('contact', 'open'),
      `${link}AA`,
      'x'.repeat(3_000_000),
    ])
      expect(readCardLink(text).ok).toBe(false);
  });

  it('has one spelling, for any name, dates and sequence', () => {
    const names = fc.constantFrom('A', 'Ж'.repeat(32), '王小明', '🙂'.repeat(16), "O'Neill-Smith", 'x'.repeat(64));
    const time = fc.integer({ min: 0, max: 2 ** 50 });
    fc.assert(
      fc.property(names, time, time, fc.integer({ min: 1, max: 1e9 }), (name, sequence, issuedAt, life) => {
        const terms = { name, sequence, issuedAt, expiresAt: issuedAt + life };
        const seed = anna.keys.current.signSeed;
        const one = encodeWholeCard({ ...terms, entries: anna.entries.slice(0, 1) }, seed);
        expect(good(one)).toMatchObject({ kind: 'whole', ...terms });
        const { person, keys, devices } = anna.log();
        const meshKeys = devices.map(({ keys: { mesh } }) => mesh);
        const two = { person, sign: keys.sign, meshKeys, ...terms };
        expect(good(encodeShortCard(two, seed))).toEqual({ kind: 'short', ...two });
      }),
      { numRuns: 25 },
    );
  });

  it('is refused with any byte changed, cut anywhere or with bytes behind it', () => {
    fc.assert(
      fc.property(fc.nat(short.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = short.slice();
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(decodeCard(bytes).ok).toBe(false);
        expect(decodeCard(short.subarray(0, at)).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(decodeCard(bytes).ok).toBe(false);
        expect(decodeCard(whole.subarray(0, at)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    expect(decodeCard(Uint8Array.of(...short, 0))).toEqual({ ok: false, fault: 'MALFORMED' });
    const newer = short.slice();
    newer[4] = 2;
    expect(decodeCard(newer)).toEqual({ ok: false, fault: 'NEWER' });
  });

  it('gives a value or a fault for any bytes', () => {
    const opening = fc.constantFrom(
      new Uint8Array(0),
      short.subarray(0, 6),
      whole.subarray(0, 6),
      whole.subarray(0, 45),
    );
    fc.assert(
      fc.property(opening, fc.uint8Array({ maxLength: 400 }), (start, rest) => {
        expect(decodeCard(Uint8Array.of(...start, ...rest)).ok).toBe(false);
        decodeLog(readBytes(rest));
        readCardLink(`hypha://contact/${new TextDecoder().decode(rest)}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused when another key signed it than the one in force', () => {
    const rotated = [...anna.entries, anna.rotation()];
    const next = deriveKeySet(anna.entropy, 1);
    expect(decodeCard(anna.cardOver(rotated, 1, next)).ok).toBe(true);
    expect(decodeCard(anna.cardOver(rotated, 1))).toEqual({ ok: false, fault: 'BAD_SIGNATURE' });
    const eve = makeSomeone('Anna', 22);
    expect(decodeCard(eve.cardOver(anna.entries, 1))).toEqual({ ok: false, fault: 'BAD_SIGNATURE' });
    expect(decodeCard(eve.cardOver([...anna.entries, ...eve.entries.slice(1)], 1))).toEqual({
      ok: false,
      fault: 'LOG_BROKEN',
    });
  });

  it('has a key log in bytes that is the same log', () => {
    const log = [...anna.entries, anna.rotation()];
    expect(decodeLog(readBytes(encodeLog(log)))).toEqual(log);
    expect(encodeLog(log).length).toBeLessThan(JSON.stringify(log).length * 0.76);
  });
});

describe('two states of one key log', () => {
  const [inception, ...devices] = anna.entries;
  const first = inception ? [inception] : [];

  it('are joined, in any order, to the same devices', () => {
    const add = devices.filter(({ type }) => type === 'device-add');
    const one = [...first, ...add.slice(0, 1)];
    const two = [...first, ...add.slice(1), ...devices.filter(({ type }) => type === 'device-revoke')];
    for (const [a, b] of [
      [one, two],
      [two, one],
    ] as const) {
      const joined = joinKeyLogs(a, b);
      expect(joined.ok && new Set(joined.log.devices)).toEqual(new Set(anna.log().devices));
    }
  });

  it('that rotate differently are a fork, as are different people', () => {
    const [a, b] = [
      [...anna.entries, anna.rotation()],
      [...anna.entries, anna.rotation(1)],
    ];
    expect(joinKeyLogs(a, b)).toEqual({ ok: false, why: 'FORKED' });
    expect(joinKeyLogs(anna.entries, a)).toMatchObject({ ok: true, log: { epoch: 1 } });
    expect(joinKeyLogs(anna.entries, makeSomeone('Eve', 22).entries)).toEqual({ ok: false, why: 'ANOTHER_PERSON' });
  });

  it('that certify one device twice keep one of the two', () => {
    const again = anna.entries.map((entry) => ({ ...entry }));
    const before = anna.log().devices.length;
    const joined = joinKeyLogs(anna.entries, again);
    expect(joined.ok && joined.log.devices.length).toBe(before);
  });
});
