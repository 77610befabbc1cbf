import { meshAddressSchema } from '#shared/contract/mesh/index.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import { isOverlayAddress } from '../identity/address.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import type { Names } from './ports.ts';

/** What people write to say whom they mean, made into addresses. */
export interface Targets {
  /** All addresses meant, 16 bytes each, best first; empty when nobody is known by that name. */
  addresses(target: string): Uint8Array[];
  /** The best one. @throws Fail NOT_FOUND */
  address(target: string): Uint8Array;
  isName(target: string): boolean;
  unknown(target: string): Fail;
}

export function createTargets(names: Names): Targets {
  const asAddress = (target: string): Uint8Array | null => {
    const bytes = meshAddressSchema.safeParse(target).success ? parseAddress(target) : null;
    return bytes !== null && isOverlayAddress(bytes) ? bytes : null;
  };
  const unknown = (target: string): Fail =>
    fail('NOT_FOUND', `Nobody is known as ${target}.`, {
      next: 'Type an address of the mesh, or add the person to your contacts first.',
    });
  const addresses = (target: string): Uint8Array[] => {
    const address = asAddress(target);
    return address === null ? names.addresses(target) : [address];
  };
  return {
    addresses,
    address(target) {
      const [best] = addresses(target);
      if (best === undefined) throw unknown(target);
      return best;
    },
    isName: (target) => asAddress(target) === null,
    unknown,
  };
}
