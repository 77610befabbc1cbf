import { z } from 'zod';
import { evmAddressSchema } from '../../model/evm.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './accounts.ts';

const account = evmAddressSchema.optional().describe('with which account; the main one unless given');

const signed = z.object({
  account: evmAddressSchema,
  /** r || s || v, 65 bytes in hex. */
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});

export const walletSigningContract = {
  'wallet.signMessage': method({
    kind: 'call',
    about: 'Sign a text with an account, to prove that it is yours (EIP-191).',
    input: z.object({
      text: z
        .string()
        .min(1)
        .max(64 * 1024),
      account,
    }),
    output: signed,
    errors: ['NOT_FOUND', 'WATCH_ONLY'],
    effect: 'share',
    summary: (i) => `Sign the text “${i.text}”`,
    examples: ['sign {text}'],
    undo: { never: 'Whoever has a signature can show it for ever.' },
    withheld: { peer: notForPeers },
    positional: ['text'],
  }),
  'wallet.signTyped': method({
    kind: 'call',
    about: 'Sign typed data of a program (EIP-712). It may let others take your money: read the review first.',
    input: z.object({
      /** As `eth_signTypedData_v4` takes it. */
      data: z
        .string()
        .min(2)
        .max(256 * 1024)
        .describe('the typed data as JSON'),
      account,
    }),
    output: signed,
    errors: ['NOT_FOUND', 'WATCH_ONLY', 'TYPED_DATA_INVALID'],
    effect: 'spend',
    summary: () => 'Sign typed data of a program',
    examples: [],
    undo: { never: 'Whoever has a signature can use it as long as it holds.' },
    withheld: { peer: notForPeers },
    positional: ['data'],
  }),
} as const;
