import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  encodeFunctionData,
  type Hex,
  parseAbiItem,
  toFunctionSelector,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { readCall } from './calls.ts';
import { type Descriptor, descriptorSchema } from './descriptors/schema.ts';
import { ofContracts, ofInterfaces, ofTypedData } from './descriptors/shipped.ts';
import type { Look } from './look.ts';
import { parseTyped } from './typed.ts';
import { dateWords, durationWords, plainText } from './words.ts';

const contracts = { deals, nodes, names, attestations, credits };
const at = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as EvmAddress;
const lie = { deals: at(1), nodes: at(2), names: at(3), attestations: at(4), credits: at(5) };
const look: Look = {
  coin: { symbol: 'ETH', decimals: 18 },
  party: (address) => ({ address: address as EvmAddress, name: null, kind: 'unknown' }),
  token: async () => ({ kind: 'erc20', symbol: 'TOK', decimals: 6 }),
};

/** Every value of a function’s input by its path, tuples taken apart. */
const pathsOf = (inputs: readonly AbiParameter[], way = ''): string[] =>
  inputs.flatMap((one) => {
    const path = `${way}${one.name}${one.type.endsWith('[]') ? '.[]' : ''}`;
    const { components } = one as { components?: readonly AbiParameter[] };
    return components === undefined ? [path] : pathsOf(components, `${path}.`);
  });

function hidesNothing(formats: Descriptor['display']['formats'], key: string, paths: readonly string[]): void {
  const format = formats[key];
  const known = [...(format?.fields ?? []).map(({ path }) => path), ...(format?.excluded ?? [])];
  expect(known.filter((path) => !path.startsWith('@')).sort(), key).toEqual([...paths].sort());
}

describe('the descriptions that ship', () => {
  it('are all of those in the folder, and as ERC-7730 has it', () => {
    const folder = new URL('../../../../assets/erc7730/', import.meta.url);
    const files = readdirSync(folder);
    expect(files).toHaveLength(Object.keys(ofContracts).length + Object.keys(ofInterfaces).length + ofTypedData.length);
    for (const file of files) {
      const text = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
      expect(descriptorSchema.safeParse(text).success, file).toBe(true);
      expect(descriptorSchema.safeParse({ ...text, includes: 'https://elsewhere' }).success, file).toBe(false);
    }
  });

  it('speak of every call that changes something, and of each value in it or say that they leave it out', () => {
    for (const [name, { abi }] of Object.entries(contracts)) {
      const { formats } = ofContracts[name as keyof typeof contracts].display;
      const described = Object.keys(formats).map((signature) => toFunctionSelector(`function ${signature}`));
      const changing = (abi as Abi).filter(
        (item): item is AbiFunction =>
          item.type === 'function' && item.stateMutability !== 'view' && item.stateMutability !== 'pure',
      );
      expect(described.sort(), name).toEqual(changing.map((item) => toFunctionSelector(item)).sort());
    }
    for (const { display } of [...Object.values(ofContracts), ...Object.values(ofInterfaces)]) {
      for (const signature of Object.keys(display.formats)) {
        const { inputs } = parseAbiItem(`function ${signature}` as 'function x()') as AbiFunction;
        hidesNothing(display.formats, signature, pathsOf(inputs));
      }
    }
  });

  it('have the types of typed data as the contracts have them, and hide no value of it', () => {
    const sources = new URL('../../../../contracts/src/', import.meta.url);
    const solidity = readdirSync(sources)
      .map((file) => readFileSync(new URL(file, sources), 'utf8'))
      .join('\n');
    for (const { descriptor, of } of ofTypedData) {
      if (!('eip712' in descriptor.context)) throw new Error('no typed data');
      const { schemas } = descriptor.context.eip712;
      expect(schemas.map(({ primaryType }) => primaryType).sort()).toEqual(
        Object.keys(descriptor.display.formats).sort(),
      );
      for (const { primaryType, types } of schemas) {
        const members = (type: string): AbiParameter[] =>
          (types[type] ?? []).map((one) => {
            const inner = one.type.replace('[]', '');
            return types[inner] === undefined ? one : { ...one, components: members(inner) };
          }) as AbiParameter[];
        hidesNothing(descriptor.display.formats, primaryType, pathsOf(members(primaryType)));
        if (of === null || of === 'permit2') continue;
        const line = `${primaryType}(${(types[primaryType] ?? []).map(({ type, name }) => `${type} ${name}`).join(',')})`;
        expect(solidity).toContain(`"${line}"`);
      }
    }
  });
});

describe('reading', () => {
  const call = (to: Hex, data: Hex, value = 0n) => readCall({ contracts: lie }, { from: at(9), to, data, value }, look);

  it('knows a whole deal by its fields', async () => {
    const offer = {
      ...{
        provider: at(7),
        tenant: at(0),
        node: `0x${'01'.repeat(32)}`,
        spec: `0x${'02'.repeat(32)}`,
        token: lie.credits,
      },
      ...{ rate: 25n, minDeposit: 1_000_000n, grace: 3_600, window: 86_400, notice: 604_800, startWithin: 90 },
      ...{ arbiter: at(0), fallbackShare: 5_000, whole: true, times: 1, expires: 1_800_000_000n, salt: 1n },
    };
    const acceptance = {
      offer: `0x${'03'.repeat(32)}`,
      tenant: at(9),
      deposit: 2_500_000n,
      expires: 1_800_000_000n,
      salt: 2n,
    };
    const data = encodeFunctionData({
      abi: deals.abi as Abi,
      functionName: 'agree',
      args: [offer, '0x01', acceptance, '0x02'],
    });
    const read = await call(lie.deals, data);
    expect(read.readBy).toBe('descriptor');
    const text = Object.fromEntries(read.fields.map((field) => [field.label, field.text]));
    expect(text).toMatchObject({
      'Only for': 'nobody',
      'Price a second': '0.000025 TOK',
      Deposit: '2.5 TOK',
      Grace: '1 hour',
      Notice: '7 days',
      'Provider’s share if nobody decides': '50 %',
      'Nobody else on the node': 'yes',
      'Good until': '2027-01-15 08:00 UTC',
    });
  });

  it('of any bytes to anybody is an answer, and never takes what has more in it for known', async () => {
    const selectors = Object.values(ofContracts).flatMap(({ display }) =>
      Object.keys(display.formats).map((signature) => toFunctionSelector(`function ${signature}`)),
    );
    const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b).toString('hex'));
    const data = fc
      .tuple(fc.constantFrom(...selectors), bytes, fc.constantFrom('', '00', '00'.repeat(32)))
      .map(([selector, body, tail]) => `${selector}${body}${tail}` as Hex);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(lie)), data, async (to, input) => {
        const read = await call(to, input);
        expect(read.title).not.toBe('');
        if (read.readBy === 'nothing') return;
        expect((input.length - 10) % 64, 'whole words').toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('of any text as typed data is an answer or a refusal', () => {
    const near = fc.record({
      types: fc.dictionary(
        fc.constantFrom('X', 'EIP712Domain', 'Y'),
        fc.array(fc.record({ name: fc.string(), type: fc.constantFrom('X', 'Y[]', 'uint256', 'address', 'odd') })),
      ),
      primaryType: fc.constantFrom('X', 'EIP712Domain', '__proto__'),
      domain: fc.record({ chainId: fc.oneof(fc.nat(), fc.string()) }, { requiredKeys: [] }),
      message: fc.dictionary(fc.string(), fc.anything()),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          near.map((one) => JSON.stringify(one) ?? ''),
        ),
        (text) => {
          try {
            expect(parseTyped(text).digest).toMatch(/^0x[0-9a-f]{64}$/);
          } catch (error) {
            expect(isFail(error, 'TYPED_DATA_INVALID')).toBe(true);
          }
        },
      ),
    );
  });

  it('says times and texts so that nobody is misled', () => {
    expect(dateWords((1n << 64n) - 1n)).toBe('for ever');
    expect(durationWords(90_061n)).toBe('1 day 1 hour');
    expect(plainText('safe\u202Eefas\n')).toBe('safe efas ');
  });
});
