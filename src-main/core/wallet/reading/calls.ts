import {
  type AbiFunction,
  decodeFunctionData,
  encodeFunctionData,
  type Hex,
  parseAbiItem,
  toFunctionSelector,
} from 'viem';
import type { Chain } from '#core/evm/chain.ts';
import type { Tried } from '../simulate/protocol.ts';
import { describe } from './descriptors/describe.ts';
import type { Descriptor, Format } from './descriptors/schema.ts';
import { ofContracts, ofInterfaces } from './descriptors/shipped.ts';
import type { Look, Read } from './look.ts';
import { amountWords } from './words.ts';

interface Known {
  readonly abi: AbiFunction;
  readonly format: Format;
}

const tables = new Map<Descriptor, ReadonlyMap<Hex, Known>>();

/** What a descriptor knows, by the first four bytes of a call. */
function tableOf(descriptor: Descriptor): ReadonlyMap<Hex, Known> {
  const known = tables.get(descriptor);
  if (known !== undefined) return known;
  const table = new Map<Hex, Known>();
  for (const [signature, format] of Object.entries(descriptor.display.formats)) {
    const abi = parseAbiItem(`function ${signature}`) as AbiFunction;
    table.set(toFunctionSelector(abi), { abi, format });
  }
  tables.set(descriptor, table);
  return table;
}

/** Which of Hypha’s contracts lies at an address of a chain. */
export function contractAt(chain: Pick<Chain, 'contracts'>, address: string): keyof typeof ofContracts | null {
  for (const [name, lies] of Object.entries(chain.contracts ?? {})) {
    if (lies !== null && lies.toLowerCase() === address.toLowerCase()) return name as keyof typeof ofContracts;
  }
  return null;
}

/** Say what a call is, by what lies there. What is not known to the last byte is not known. */
export async function readCall(chain: Pick<Chain, 'contracts'>, call: Tried, look: Look): Promise<Read> {
  const { to, data, value } = call;
  const coin = look.coin ?? { symbol: 'wei', decimals: 0 };
  if (to === null) {
    const size = data.length / 2 - 1;
    return {
      title: 'Put a contract',
      readBy: 'creation',
      fields: [{ label: 'Code', text: `${size} bytes`, party: null }, ...withCoin(value, coin)],
      known: null,
    };
  }
  const party = look.party(to);
  const name = party.name ?? party.address;
  if (data === '0x') {
    return {
      title: value === 0n ? `Send nothing to ${name}` : `Send ${amountWords(value, coin)} to ${name}`,
      readBy: 'coin',
      fields: [
        { label: 'Amount', text: amountWords(value, coin), party: null },
        { label: 'To', text: name, party },
      ],
      known: null,
    };
  }
  const ours = contractAt(chain, to);
  const token = ours === null || ours === 'credits' ? await look.token(to) : null;
  const descriptors: Descriptor[] = [];
  if (ours !== null) descriptors.push(ofContracts[ours]);
  // Many functions of collections are called as those of tokens are; what it is, it says.
  if (token !== null) descriptors.push(ofInterfaces[token.kind]);
  if (token?.kind === 'erc1155') descriptors.push(ofInterfaces.erc721);
  for (const descriptor of descriptors) {
    const known = tableOf(descriptor).get(data.slice(0, 10) as Hex);
    if (known === undefined) continue;
    const values = decoded(known.abi, data);
    if (values === null) continue;
    try {
      const fields = await describe(known.format, values, { from: call.from, to, value }, look);
      const says = fields
        .slice(0, 2)
        .map(({ label, text, party: who }) => (who === null ? text : `${label.toLowerCase()} ${text}`));
      const unsaid = known.format.fields.some(({ path }) => path === '@.value') ? [] : withCoin(value, coin);
      return {
        title: [known.format.intent, says.join(', ')].filter((part) => part !== '').join(': '),
        readBy: descriptor === ofContracts[ours ?? 'deals'] ? 'descriptor' : 'interface',
        fields: [...fields, ...unsaid],
        known: { id: descriptor.context.$id, name: known.abi.name, values },
      };
    } catch {
      // A value that is none of what the description is for.
    }
  }
  return {
    title: `Call ${name} in a way that cannot be read`,
    readBy: 'nothing',
    fields: [
      { label: 'Contract', text: name, party },
      { label: 'Function', text: data.slice(0, 10), party: null },
      { label: 'Data', text: `${data.length / 2 - 1} bytes`, party: null },
      ...withCoin(value, coin),
    ],
    known: null,
  };
}

const withCoin = (value: bigint, coin: { symbol: string; decimals: number }): Read['fields'] =>
  value === 0n ? [] : [{ label: 'With it you send', text: amountWords(value, coin), party: null }];

/** By name; null for what says more than can be shown: bytes behind the last value, or values written in two ways. */
function decoded(abi: AbiFunction, data: Hex): Record<string, unknown> | null {
  try {
    const { args = [] } = decodeFunctionData({ abi: [abi], data }) as { args?: readonly unknown[] };
    if (encodeFunctionData({ abi: [abi], args }) !== data) return null;
    return Object.fromEntries(abi.inputs.map(({ name = '' }, i) => [name, args[i]]));
  } catch {
    return null;
  }
}
