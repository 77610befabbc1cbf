import { type Hex, hashTypedData, type TypedDataDefinition, validateTypedData } from 'viem';
import { z } from 'zod';
import type { Chain } from '#core/evm/chain.ts';
import { fail } from '#shared/rpc/fail.ts';
import { describe } from './descriptors/describe.ts';
import { ofTypedData, permit2Address, type TypedDescriptor } from './descriptors/shipped.ts';
import type { Look, Read } from './look.ts';
import { rawWords } from './words.ts';

const numeric = z.union([z.number().int().nonnegative(), z.string().regex(/^(?:\d{1,78}|0x[0-9a-fA-F]{1,64})$/)]);
const typedSchema = z.object({
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() })).max(64)),
  primaryType: z.string(),
  domain: z.object({
    name: z.string().optional(),
    version: z.string().optional(),
    chainId: numeric.optional(),
    verifyingContract: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/)
      .optional(),
    salt: z.string().optional(),
  }),
  message: z.record(z.string(), z.unknown()),
});

export interface Typed {
  readonly domain: { readonly name?: string; readonly chainId?: bigint; readonly verifyingContract?: Hex };
  readonly primaryType: string;
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
  readonly message: Readonly<Record<string, unknown>>;
  /** What is signed, 32 bytes. */
  readonly digest: Hex;
}

/** @param text as `eth_signTypedData_v4` takes it @throws Fail TYPED_DATA_INVALID */
export function parseTyped(text: string): Typed {
  try {
    const given = typedSchema.parse(JSON.parse(text));
    const { chainId, ...domain } = given.domain;
    const whole = { ...given, domain: { ...domain, ...(chainId === undefined ? {} : { chainId: BigInt(chainId) }) } };
    const definition = whole as unknown as TypedDataDefinition;
    validateTypedData(definition);
    return { ...(whole as unknown as Omit<Typed, 'digest'>), digest: hashTypedData(definition) };
  } catch {
    throw fail('TYPED_DATA_INVALID', 'This is no typed data as EIP-712 has it.', {
      meaning: 'Nothing was signed.',
      next: 'Whoever asked for it has to ask again.',
    });
  }
}

/** Say what typed data means, by who is to verify it and by its very types. */
export async function readTyped(chain: Pick<Chain, 'contracts'>, from: Hex, typed: Typed, look: Look): Promise<Read> {
  const container = { from, to: typed.domain.verifyingContract ?? (`0x${'0'.repeat(40)}` as Hex), value: 0n };
  for (const one of ofTypedData) {
    if (!(await fits(one, chain, typed, look))) continue;
    const format = one.descriptor.display.formats[typed.primaryType];
    if (format === undefined) continue;
    try {
      const fields = await describe(format, typed.message, container, look);
      const says = fields
        .slice(0, 2)
        .map(({ label, text, party }) => (party === null ? text : `${label.toLowerCase()} ${text}`));
      return {
        title: [format.intent, says.join(', ')].join(': '),
        readBy: one.of === null || one.of === 'permit2' ? 'interface' : 'descriptor',
        fields,
        known: { id: one.descriptor.context.$id, name: typed.primaryType, values: typed.message },
      };
    } catch {
      // A value that is none of what the description is for.
    }
  }
  const fields = flat(typed.message, '').slice(0, 64);
  return {
    title: `Sign “${rawWords(typed.primaryType)}” for ${rawWords(typed.domain.name ?? 'somebody who gives no name')}, whose meaning is not known`,
    readBy: 'nothing',
    fields: fields.map(({ label, text }) => ({
      label,
      text,
      party: /^0x[0-9a-fA-F]{40}$/.test(text) ? look.party(text) : null,
    })),
    known: null,
  };
}

async function fits(
  { descriptor, of }: TypedDescriptor,
  chain: Pick<Chain, 'contracts'>,
  typed: Typed,
  look: Look,
): Promise<boolean> {
  if (!('eip712' in descriptor.context)) return false;
  const { schemas, domain } = descriptor.context.eip712;
  const same = schemas.some(
    ({ primaryType, types }) =>
      primaryType === typed.primaryType &&
      Object.entries(types).every(([name, members]) => name === 'EIP712Domain' || alike(members, typed.types[name])),
  );
  const verifier = typed.domain.verifyingContract?.toLowerCase();
  if (!same || verifier === undefined) return false;
  if (domain !== undefined && domain.name !== typed.domain.name) return false;
  if (of === 'permit2') return verifier === permit2Address;
  if (of !== null) return chain.contracts?.[of]?.toLowerCase() === verifier;
  return (await look.token(verifier))?.kind === 'erc20';
}

type Members = readonly { readonly name: string; readonly type: string }[];
const alike = (a: Members, b: Members | undefined): boolean =>
  b !== undefined &&
  a.length === b.length &&
  a.every(({ name, type }, i) => b[i]?.name === name && b[i]?.type === type);

/** Every value with the way to it. */
function flat(value: unknown, way: string): { label: string; text: string }[] {
  if (typeof value !== 'object' || value === null) return [{ label: rawWords(way), text: rawWords(value) }];
  return Object.entries(value).flatMap(([key, member]) => flat(member, way === '' ? key : `${way}.${key}`));
}
