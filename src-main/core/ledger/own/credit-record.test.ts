import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import type { Act } from './acts.ts';
import { recordHash, recordText } from './credit-record.ts';

const address = (end: string) => `0x${end.padStart(40, '0')}` as EvmAddress;
const act: Omit<Act, 'record'> = {
  ...{
    id: 'x',
    kind: 'issue' as const,
    at: 1_767_225_600_000,
    state: 'done' as const,
    chain: 'eip155:4294967297' as ChainRef,
  },
  ...{ credits: address('c1'), from: address('a1'), to: address('b1'), units: '12500000', memo: 'Für den Garten' },
  ...{ salt: '000102030405060708090a0b0c0d0e0f', tx: null, block: null },
};

it('is the text and the hash that its format says', async () => {
  const doc = await readFile(new URL('../../../../docs/formats/credit-record.md', import.meta.url), 'utf8');
  expect(doc).toContain(`    ${recordText(act)}\n`);
  expect(doc).toContain(`\`${recordHash(act)}\``);
});

it('does not depend on what became of it, and on everything else', () => {
  const hash = recordHash(act);
  expect(recordHash({ ...act, id: 'y', state: 'sending', block: 7 })).toBe(hash);
  const others = [
    { kind: 'redeem' as const },
    { units: '12500001' },
    { memo: 'Fur den Garten' },
    { salt: '00'.repeat(16) },
    { at: act.at + 1 },
    { to: address('b2') },
    { chain: 'eip155:4294967298' as ChainRef },
  ];
  expect(new Set([hash, ...others.map((one) => recordHash({ ...act, ...one }))]).size).toBe(1 + others.length);
});
