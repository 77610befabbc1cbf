import fc from 'fast-check';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import type { TypedData } from '#core/evm/accounts.ts';
import { type ChainRef, type EvmAddress, type Hash32, units } from '#shared/model/evm.ts';
import { encodeExport, hashOfState, type LedgerState, readExport, statementOf } from './format.ts';

const issuer = privateKeyToAccount(`0x${'1'.padStart(64, '0')}`);
const address = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as EvmAddress;
const hash = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as Hash32;
const sign = (state: LedgerState) =>
  issuer.signTypedData(statementOf(state) as Required<TypedData> as Parameters<typeof issuer.signTypedData>[0]);

function stateWith(holders: readonly (readonly [number, bigint, bigint])[], labels: readonly string[]): LedgerState {
  return {
    ...{
      chain: 'eip155:5000000000' as ChainRef,
      genesis: hash(1),
      block: { number: 9, hash: hash(2), at: 1_800_000_000 },
    },
    contracts: { credits: address(3), deals: address(4), names: address(5) },
    credits: {
      ...{ name: 'Credits issued by Ann', symbol: 'ANN', issuer: issuer.address.toLowerCase() as EvmAddress },
      supply: units(holders.reduce((sum, [, held, inDeals]) => sum + held + inDeals, 0n)),
      holders: holders.map(([who, held, inDeals]) => ({
        ...{ address: address(who), held: units(held), inDeals: units(inDeals), contract: false },
      })),
    },
    names: labels.map((label) => ({ label, owner: address(9), expires: 1_900_000_000, record: hash(7) })),
    deals: [],
  };
}

it('is one text for one state, with the hash and signature of its vector', async () => {
  const state = stateWith(
    [
      [16, 5n, 0n],
      [17, 1n, 2n],
    ],
    ['ann', 'ben'],
  );
  expect(hashOfState(state)).toBe('0xe7748977345b8e357d5bce79a19654486af654bc8e4f341f4d5619ef90150019');
  expect(await sign(state)).toBe(
    '0x11397f46e08b273875ee54ed1c2b9ef91f64b90376fb24ed687b896bdc4ebf7b49ec484f71292474487c9427a7de5d0ba17f4d7578085e68fd4ed3686ba3092d1b',
  );
});

it('is read back as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(1_000), { maxLength: 8 }),
      fc.bigInt({ min: 0n, max: 10n ** 30n }),
      fc.uniqueArray(fc.string({ maxLength: 12, unit: 'grapheme' }), { maxLength: 5 }),
      async (who, amount, labels) => {
        const holders = who.sort((a, b) => a - b).map((one) => [one, amount, amount / 3n] as const);
        const state = stateWith(holders, labels.filter((one) => one.isWellFormed()).sort());
        const text = encodeExport({ state, signature: await sign(state) });
        const read = await readExport(text);
        expect(read.state).toEqual(state);
        expect(encodeExport(read)).toBe(text);
      },
    ),
    { numRuns: 20 },
  );
});

it('is refused when a holder stands in it twice, or somebody else signed it', async () => {
  const twice = stateWith(
    [
      [16, 5n, 0n],
      [16, 5n, 0n],
    ],
    [],
  );
  await expect(readExport(encodeExport({ state: twice, signature: await sign(twice) }))).rejects.toThrow(
    /not in order/,
  );
  const good = stateWith([[16, 5n, 0n]], []);
  const other = { ...good, credits: { ...good.credits, issuer: address(77) } };
  await expect(readExport(encodeExport({ state: other, signature: await sign(other) }))).rejects.toThrow(
    /does not issue its credits/,
  );
});
