import { evmAddressSchema } from '#shared/model/evm.ts';

/** Who is to get it, as it was chosen or typed. */
export interface Recipient {
  readonly kind: 'contact' | 'account' | 'address';
  /** Contact id, address of an own account, or what was typed. */
  readonly value: string;
}

export const nobody: Recipient = { kind: 'contact', value: '' };

/** What the core takes for it; null while it is nobody. */
export function toOf({ kind, value }: Recipient): string | null {
  const text = value.trim();
  if (text === '') return null;
  if (kind === 'contact') return text;
  return evmAddressSchema.safeParse(text).success ? text : null;
}
