import erc20 from '../../../../../assets/erc7730/calldata-erc20.json' with { type: 'json' };
import erc721 from '../../../../../assets/erc7730/calldata-erc721.json' with { type: 'json' };
import erc1155 from '../../../../../assets/erc7730/calldata-erc1155.json' with { type: 'json' };
import attestations from '../../../../../assets/erc7730/calldata-hypha-attestations.json' with { type: 'json' };
import credits from '../../../../../assets/erc7730/calldata-hypha-credits.json' with { type: 'json' };
import deals from '../../../../../assets/erc7730/calldata-hypha-deals.json' with { type: 'json' };
import names from '../../../../../assets/erc7730/calldata-hypha-names.json' with { type: 'json' };
import nodes from '../../../../../assets/erc7730/calldata-hypha-nodes.json' with { type: 'json' };
import daiPermit from '../../../../../assets/erc7730/eip712-dai-permit.json' with { type: 'json' };
import erc2612 from '../../../../../assets/erc7730/eip712-erc2612.json' with { type: 'json' };
import typedAttestations from '../../../../../assets/erc7730/eip712-hypha-attestations.json' with { type: 'json' };
import typedDeals from '../../../../../assets/erc7730/eip712-hypha-deals.json' with { type: 'json' };
import typedNodes from '../../../../../assets/erc7730/eip712-hypha-nodes.json' with { type: 'json' };
import permit2 from '../../../../../assets/erc7730/eip712-permit2.json' with { type: 'json' };
import { type Descriptor, descriptorSchema } from './schema.ts';

/*
 * The descriptions that ship. Those of our contracts name no deployments: each ledger has its own, and which they are a chain says
 * (`Contracts`, whose code was compared). Those of interfaces hold for whatever contract answers to the interface.
 */

const read = (text: unknown): Descriptor => descriptorSchema.parse(text);

export const ofContracts = {
  deals: read(deals),
  nodes: read(nodes),
  names: read(names),
  attestations: read(attestations),
  credits: read(credits),
} as const;

export const ofInterfaces = { erc20: read(erc20), erc721: read(erc721), erc1155: read(erc1155) } as const;

/** @param of whose contract must be the one that verifies; null where it is any token’s */
export interface TypedDescriptor {
  readonly descriptor: Descriptor;
  readonly of: keyof typeof ofContracts | 'permit2' | null;
}

export const ofTypedData: readonly TypedDescriptor[] = [
  { descriptor: read(typedDeals), of: 'deals' },
  { descriptor: read(typedNodes), of: 'nodes' },
  { descriptor: read(typedAttestations), of: 'attestations' },
  { descriptor: read(erc2612), of: null },
  { descriptor: read(daiPermit), of: null },
  { descriptor: read(permit2), of: 'permit2' },
];

/** Where Permit2 lies on every public chain that has it: https://github.com/Uniswap/permit2 */
export const permit2Address = '0x000000000022d473030f116ddee9f6b43ac78ba3';
