import type { DealView } from '#shared/contract/deals.ts';
import { Address } from '../../ui/address.tsx';

/** Somebody at the other end: by the name that the person gave them, with the address that signs. */
export const Party = ({ party }: { party: DealView['other'] }) => <Address address={party.address} name={party.name} />;
