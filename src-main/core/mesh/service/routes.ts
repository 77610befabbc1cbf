import { toHex } from '#core/crypto/ids.ts';
import type { Route } from '#shared/contract/mesh/index.ts';
import type { EngineRoute, EngineStatus } from '../engine/protocol.ts';
import { addressOf } from '../identity/address.ts';
import { addressText, prefixText } from '../identity/ipv6-text.ts';
import { prefixOf } from '../wire/prefix.ts';
import type { Names } from './ports.ts';

/** Routes as shown: those in use first, near ones before far ones. */
export function viewRoutes(
  routes: readonly EngineRoute[],
  status: EngineStatus,
  names: Names,
  { find, all, limit }: { find: string; all: boolean; limit: number },
): { routes: Route[]; total: number } {
  const endpoints = new Map(status.peers.map(({ peer, endpoint }) => [peer, endpoint]));
  const wanted = find.toLowerCase();
  const shown = routes
    .filter(({ selected }) => all || selected)
    .map((route): Route => {
      const owner = addressOf(route.publicKey);
      return {
        prefix: prefixText(prefixOf(route.prefix, route.length)),
        address: addressText(owner),
        publicKey: toHex(route.publicKey),
        via: endpoints.get(route.peer) ?? '',
        cost: route.cost,
        direct: route.direct,
        selected: route.selected,
        name: names.nameOf(owner),
      };
    })
    .filter(({ prefix, address, via, name }) =>
      [prefix, address, via, name ?? ''].some((text) => text.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => Number(b.selected) - Number(a.selected) || (a.cost ?? Infinity) - (b.cost ?? Infinity));
  return { routes: shown.slice(0, limit), total: shown.length };
}
