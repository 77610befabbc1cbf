import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/crypto/hash.ts';
import { vaultKeys } from '../format/keys.ts';
import { decodeKit, encodeKit, fingerprintOf, type KitBody, openKit, sealKit } from './kit-format.ts';
import { bytesOfLines, linesOf } from './kit-lines.ts';

const keys = vaultKeys(new Uint8Array(32).fill(42), new Uint8Array(16).fill(7));
const random = (n: number): Uint8Array => new Uint8Array(n).fill(9);
const place = (id: string, host: string) => ({
  ...{ id, name: `Server ${id}`, owner: '', site: 'office' },
  address: {
    kind: 'sftp',
    host,
    port: 22,
    user: 'me',
    directory: 'far',
    fingerprint: `SHA256:${'A'.repeat(43)}`,
  } as const,
});
const body: KitBody = {
  v: 1,
  vault: '07'.repeat(16),
  check: '01'.repeat(16),
  k: 4,
  m: 2,
  madeAt: 1_790_000_000_000,
  person: 'Ada',
  places: [place('a', 'one.example'), place('b', 'two.example')],
  settings: { language: 'de', theme: 'dark' },
};
const secrets = { a: { password: 'secret one' }, b: { privateKey: '-----BEGIN…' } };
const state = { generation: 7, hash: new Uint8Array(32).fill(5), at: 1_789_000_000_000 };
const kit = sealKit(keys, random, body, { secrets, state });

describe('a kit', () => {
  it('comes back from its lines, however they were typed', () => {
    const lines = linesOf(encodeKit(kit));
    const typings = [
      lines.join('\n'),
      `Kit\nmade 2026\n-----BEGIN HYPHA RECOVERY KIT-----\n${lines.join('\r\n')}\n-----END HYPHA RECOVERY KIT-----\n4 of 6 places\n`,
      [...lines].reverse().join('\n').toUpperCase(),
      lines.map((line) => `> ${line.replaceAll(' ', '  ')}  `).join('\n'),
      lines
        .map((line) => line.replace(/ (.*)/, (_, rest: string) => ` ${rest.replaceAll('o', '0').replaceAll('l', '1')}`))
        .join('\n'),
    ];
    for (const typed of typings) {
      const read = bytesOfLines(typed);
      if (!read.ok) throw new Error(JSON.stringify(read));
      expect(decodeKit(read.bytes)).toEqual({ ok: true, kit });
    }
    expect(fingerprintOf(kit)).toMatch(/^([0-9a-f]{4}-){3}[0-9a-f]{4}$/);
  });

  it('says in which line the typing error is, and which is missing', () => {
    const lines = linesOf(encodeKit(kit));
    const wrong = lines.map((line, i) =>
      i === 4 ? line.replace(/ (.)/, (_, c: string) => ` ${c === 'a' ? 'b' : 'a'}`) : line,
    );
    expect(bytesOfLines(wrong.join('\n'))).toEqual({ ok: false, why: 'LINE', line: 5 });
    expect(bytesOfLines(lines.filter((_, i) => i !== 2).join('\n'))).toEqual({ ok: false, why: 'LINE', line: 3 });
    expect(bytesOfLines('a letter to a friend')).toEqual({ ok: false, why: 'NONE' });
    // The last line is missed by the sum at the end.
    const short = bytesOfLines(lines.slice(0, -1).join('\n'));
    expect(short.ok ? decodeKit(short.bytes).ok : false).toBe(false);
  });

  it('gives what opens the places to the keys that made it alone, and only as it was made', () => {
    expect(openKit(keys, kit)).toEqual({ secrets, state });
    // As earlier releases made them.
    expect(openKit(keys, sealKit(keys, random, body, { secrets, state: null }))).toEqual({ secrets, state: null });
    expect(openKit(vaultKeys(new Uint8Array(32).fill(43), keys.vaultId), kit)).toBeNull();
    const elsewhere = { ...body, places: [place('a', 'evil.example'), place('b', 'two.example')] };
    expect(openKit(keys, { ...kit, body: elsewhere })).toBeNull();
    expect(new TextDecoder().decode(encodeKit(kit))).not.toContain('secret one');
  });

  it('of a later release says so', () => {
    const bytes = encodeKit(kit);
    bytes[5] = 2;
    expect(decodeKit(bytes)).toEqual({ ok: false, why: 'DAMAGED' });
    bytes.set(sha256(bytes.subarray(0, -8)).subarray(0, 8), bytes.length - 8);
    expect(decodeKit(bytes)).toEqual({ ok: false, why: 'NEWER' });
  });

  it('is a value or an answer for any bytes and any text', () => {
    const good = encodeKit(kit);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeKit(bytes).ok).toBe(false);
        const lines = bytesOfLines(linesOf(bytes).join('\n'));
        expect(bytes.length === 0 || (lines.ok && Buffer.compare(lines.bytes, bytes) === 0)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bad = good.slice();
        bad[at] = (bad[at] ?? 0) ^ by;
        expect(decodeKit(bad).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof bytesOfLines(text).ok).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^\d{1,3} [a-z2-7 ]{0,50}$/)), (lines) => {
        expect(typeof bytesOfLines(lines.join('\n')).ok).toBe('boolean');
      }),
    );
  });
});
