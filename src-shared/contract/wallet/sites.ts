import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, hexBytesSchema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { callSchema, typedDataTextSchema } from './review.ts';

const notForPeers = 'Which sites you use is nobody else’s business.';
const onlySites = 'Only a web page that asks for it calls this; everybody else has methods of their own.';
const sitesOnly = {
  ui: onlySites,
  cli: onlySites,
  assistant: onlySites,
  mcp: onlySites,
  peer: onlySites,
  shell: onlySites,
};

/** The origin of a web page: `https://app.example`, with a port where it has one. */
export const siteSchema = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[a-z0-9.[\]:-]+$/, 'A site is written like https://app.example.');

export const connectedSiteSchema = z.object({
  site: siteSchema,
  /** The one account that it sees and asks for. */
  account: evmAddressSchema,
  chain: chainRefSchema,
  since: timeSchema,
});
export type ConnectedSite = z.infer<typeof connectedSiteSchema>;

const chainErrors = ['NOT_FOUND', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;

export const walletSitesContract = {
  'wallet.sites': method({
    kind: 'call',
    about: 'List the web pages that see an account of yours.',
    input: z.object({}),
    output: z.object({
      on: z.boolean(),
      /** Where programs reach the wallet on this computer; null while it is off. */
      url: z.string().nullable(),
      sites: z.array(connectedSiteSchema),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'List the sites that see your account',
    examples: ['which sites see my wallet'],
    withheld: { peer: notForPeers },
  }),
  'wallet.sitesOn': method({
    kind: 'call',
    about: 'Let web pages on this computer ask your wallet; each request waits for your answer.',
    input: z.object({
      /** Another free one is taken unless given. */
      port: z.number().int().min(1024).max(65_535).optional(),
    }),
    output: z.object({ url: z.string() }),
    errors: ['PORT_TAKEN'],
    effect: 'admin',
    summary: () => 'Let web pages on this computer ask your wallet',
    examples: [],
    undo: { method: 'wallet.sitesOff' },
    withheld: { peer: notForPeers },
    positional: ['port'],
  }),
  'wallet.sitesOff': method({
    kind: 'call',
    about: 'Let no web page reach your wallet any more; those that you connected stay in the list.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Let no web page reach your wallet',
    examples: ['no site may reach my wallet'],
    undo: { method: 'wallet.sitesOn' },
    withheld: { peer: notForPeers },
    lessens: true,
  }),
  'wallet.forgetSite': method({
    kind: 'call',
    about: 'Let a web page see your account no more.',
    input: z.object({ site: siteSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Let ${i.site} see your account no more`,
    examples: ['disconnect {site}'],
    undo: { never: 'The site asks again when you use it.' },
    withheld: { peer: notForPeers },
    positional: ['site'],
    lessens: true,
  }),
  'wallet.siteConnect': method({
    kind: 'call',
    about: 'Let a web page see an account of yours.',
    input: z.object({ site: siteSchema, account: evmAddressSchema, chain: chainRefSchema }),
    output: connectedSiteSchema,
    errors: ['NO_ACCOUNT', 'NOT_FOUND', 'SITES_FULL'],
    effect: 'share',
    summary: (i) => `Let ${i.site} see your account ${i.account} on ${i.chain}`,
    examples: [],
    undo: { method: 'wallet.forgetSite' },
    withheld: sitesOnly,
  }),
  'wallet.siteSwitch': method({
    kind: 'call',
    about: 'Let a web page work with another chain of yours.',
    input: z.object({ site: siteSchema, chain: chainRefSchema }),
    output: connectedSiteSchema,
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Let ${i.site} work with ${i.chain}`,
    examples: [],
    undo: { never: 'The site can be switched back, or disconnected.' },
    withheld: sitesOnly,
  }),
  'wallet.siteSend': method({
    kind: 'call',
    about: 'Send what a web page asks for.',
    input: callSchema.extend({ site: siteSchema, chain: chainRefSchema }),
    output: z.object({ hash: hash32Schema }),
    errors: [...chainErrors, 'ADDRESS_WRONG', 'NO_ACCOUNT', 'CALL_REFUSED', 'MONEY_SHORT'],
    effect: 'spend',
    summary: (i) => `${i.site} asks: ${i.data} (to ${i.to ?? 'nobody: a new contract'}, with ${i.value})`,
    examples: [],
    undo: { never: 'What a chain took cannot be called back.' },
    withheld: sitesOnly,
  }),
  'wallet.siteSign': method({
    kind: 'call',
    about: 'Sign a message that a web page gives.',
    input: z.object({ site: siteSchema, account: evmAddressSchema, message: hexBytesSchema.max(2 + 2 * 64 * 1024) }),
    output: z.object({ signature: hexBytesSchema }),
    errors: ['NO_ACCOUNT'],
    effect: 'share',
    summary: (i) => `${i.site} asks to sign: ${i.message}`,
    examples: [],
    undo: { never: 'A signature that was given can be shown to anybody.' },
    withheld: sitesOnly,
  }),
  'wallet.siteSignTyped': method({
    kind: 'call',
    about: 'Sign typed data that a web page gives.',
    input: z.object({
      site: siteSchema,
      chain: chainRefSchema,
      account: evmAddressSchema,
      typed: typedDataTextSchema,
    }),
    output: z.object({ signature: hexBytesSchema }),
    errors: [...chainErrors, 'NO_ACCOUNT', 'TYPED_DATA_INVALID', 'CHAIN_OTHER'],
    effect: 'spend',
    summary: (i) => `${i.site} asks to sign: ${i.typed}`,
    examples: [],
    undo: { never: 'A signature that was given can be used as long as it counts.' },
    withheld: sitesOnly,
  }),
} as const;
