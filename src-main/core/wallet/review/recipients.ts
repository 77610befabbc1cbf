import type { Hex } from 'viem';
import type { Read } from '../reading/look.ts';

export interface Named {
  readonly address: string;
  readonly role: 'gets' | 'takes';
  /** Contract of what it gets. */
  readonly token: string | null;
}

const gets = ['transfer', 'transferFrom', 'safeTransferFrom', 'safeBatchTransferFrom', 'issue'];
const takes = [
  'approve',
  'increaseAllowance',
  'setApprovalForAll',
  'permit',
  'Permit',
  'PermitSingle',
  'PermitBatch',
  'PermitTransferFrom',
];

/** Whom a call sends something to, or lets take something. @param to where the call goes */
export function recipientsOf({ readBy, known }: Read, to: Hex | null): readonly Named[] {
  if (readBy === 'coin' && to !== null) return [{ address: to, role: 'gets', token: null }];
  if (known === null) return [];
  const { name, values } = known;
  const named = (key: string) => (typeof values[key] === 'string' ? String(values[key]) : null);
  if (gets.includes(name)) {
    const address = named('to');
    // A name of the registry is given with the same word, and is no token.
    return address === null ? [] : [{ address, role: 'gets', token: known.id === 'hypha-names' ? null : to }];
  }
  if (!takes.includes(name)) return [];
  const address = named('spender') ?? named('operator') ?? named('to');
  const takenBack = values.approved === false || values.allowed === false || values.value === 0n;
  return address === null || takenBack ? [] : [{ address, role: 'takes', token: to }];
}

/** What typed data permits, where it is a permission that {@link recipientsOf} knows. */
export function typedPermissions(
  { known }: Read,
  verifier: string | null,
): readonly { readonly token: string; readonly spender: string; readonly amount: bigint; readonly all: boolean }[] {
  const values = (known?.values ?? {}) as Record<string, never>;
  const { spender } = values as { spender?: string };
  if (known === null || spender === undefined) return [];
  const of = (token: string | null, amount: unknown, all = false) =>
    token === null ? [] : [{ token, spender, amount: BigInt((amount as string | undefined) ?? 0), all }];
  switch (known.id) {
    case 'erc2612':
      return of(verifier, values.value);
    case 'dai-permit':
      return of(verifier, 0, values.allowed === true);
    case 'permit2': {
      const one = (values.details ?? values.permitted) as unknown;
      const list = (Array.isArray(one) ? one : [one]) as { token: string; amount: unknown }[];
      // Of 160 bits all that there can be is less than of 256.
      return list.flatMap(({ token, amount }) => of(token, amount, BigInt(amount as string) >= 1n << 159n));
    }
    default:
      return [];
  }
}
