import type { Router } from '../router/router.ts';
import { subnetOf } from '../wire/prefix.ts';
import { publicKeyOf } from '../wire/router-id.ts';

/** The public key behind the route in use to an address; null when there is none. */
export function routedKey(router: Router, address: Uint8Array): Uint8Array | null {
  const selected = router.routesTo(subnetOf(address))?.selected;
  return selected == null ? null : publicKeyOf(selected.routerId);
}
