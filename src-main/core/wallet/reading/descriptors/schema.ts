import { z } from 'zod';

/*
 * ERC-7730 descriptors, version 1, as far as ours use it: https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json. Strict: a descriptor
 * that asks for something unknown here is none, for what is left out of a description is what somebody signs unseen.
 */

const path = z.string().regex(/^(?:[@#$]\.)?[A-Za-z_][\w]*(?:\.(?:[A-Za-z_]\w*|\[\]))*$/);

const tokenAmount = z.strictObject({
  tokenPath: path,
  threshold: z
    .string()
    .regex(/^0x[0-9a-f]+$/)
    .optional(),
  message: z.string().optional(),
});
const base = { path, label: z.string().min(1) };

const fieldSchema = z.discriminatedUnion('format', [
  z.strictObject({ ...base, format: z.literal('raw') }),
  z.strictObject({ ...base, format: z.literal('amount') }),
  z.strictObject({ ...base, format: z.literal('duration') }),
  z.strictObject({ ...base, format: z.literal('tokenAmount'), params: tokenAmount }),
  z.strictObject({ ...base, format: z.literal('nftName'), params: z.strictObject({ collectionPath: path }) }),
  z.strictObject({ ...base, format: z.literal('date'), params: z.strictObject({ encoding: z.literal('timestamp') }) }),
  z.strictObject({
    ...base,
    format: z.literal('unit'),
    params: z.strictObject({ base: z.string(), decimals: z.number().int().min(0).max(36) }),
  }),
  z.strictObject({
    ...base,
    format: z.literal('addressName'),
    params: z.strictObject({
      types: z.array(z.enum(['wallet', 'eoa', 'contract', 'token', 'collection'])),
      sources: z.array(z.string()),
    }),
  }),
]);
export type Field = z.infer<typeof fieldSchema>;

const formatSchema = z.strictObject({
  intent: z.string().min(1),
  fields: z.array(fieldSchema),
  required: z.array(z.string()),
  excluded: z.array(z.string()).optional(),
});
export type Format = z.infer<typeof formatSchema>;

const typesSchema = z.record(z.string(), z.array(z.strictObject({ name: z.string(), type: z.string() })));
const bound = z.array(z.strictObject({ chainId: z.number().int(), address: z.string() }));

export const descriptorSchema = z.strictObject({
  $schema: z.literal('https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json'),
  context: z.union([
    z.strictObject({ $id: z.string(), contract: z.strictObject({ deployments: bound }) }),
    z.strictObject({
      $id: z.string(),
      eip712: z.strictObject({
        schemas: z.array(z.strictObject({ primaryType: z.string(), types: typesSchema })),
        domain: z.strictObject({ name: z.string(), version: z.string().optional() }).optional(),
        deployments: bound,
      }),
    }),
  ]),
  metadata: z.strictObject({ owner: z.string() }),
  display: z.strictObject({ formats: z.record(z.string(), formatSchema) }),
});
export type Descriptor = z.infer<typeof descriptorSchema>;
