import { z } from 'zod';
import { binarySchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import {
  exposureSchema,
  forwardSchema,
  meshTargetSchema,
  nameServerSchema,
  portSchema,
  relayIdSchema,
  socksSchema,
} from './model.ts';
import { notForPeers, personOnly } from './withheld.ts';

const secretsOfAPerson = { ...notForPeers, assistant: personOnly, mcp: personOnly } as const;

/** Bytes: an answer is one frame (4 MiB, `defaultLimits`), and its headers are in it too. */
const mostOfPage = 3 * 1024 * 1024;

/** Services across the mesh: brought here, offered there, and a proxy for other programs. */
export const meshServicesContract = {
  'mesh.fetch': method({
    kind: 'call',
    about: 'Read a web page of somebody on the mesh, without a forward or the proxy.',
    input: z.object({
      /** Such as http://ann.hypha:8080/page; redirects are told, not followed. */
      url: z.string().trim().min(1).max(2048),
      /** What the server says of the page only. */
      head: z.boolean().default(false),
      /** More of the body is not waited for. What is longer than the most goes through a forward or the proxy. */
      maxBytes: z
        .number()
        .int()
        .min(1)
        .max(mostOfPage)
        .default(1024 * 1024),
    }),
    output: z.object({
      status: z.number().int(),
      statusText: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
      /** The body, where it is text in UTF-8; else null. */
      text: z.string().nullable(),
      /** The body otherwise; null where it is text. */
      body: binarySchema.nullable(),
      /** The body goes on. */
      more: z.boolean(),
    }),
    errors: ['MESH_OFF', 'NOT_FOUND', 'NO_ANSWER', 'BAD_ANSWER', 'BAD_TARGET'],
    effect: 'read',
    summary: (i) => `Read ${i.url}`,
    examples: ['read the page {url}'],
    withheld: {
      ...notForPeers,
      assistant: 'An address can carry what was read here to anybody.',
      mcp: 'An address can carry what was read here to anybody.',
    },
    positional: ['url'],
  }),
  'mesh.forwards': method({
    kind: 'call',
    about: 'List the remote services that are brought to ports of this computer.',
    input: z.object({}),
    output: z.object({ forwards: z.array(forwardSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List forwarded services',
    examples: ['list my forwards'],
    withheld: notForPeers,
  }),
  'mesh.forward': method({
    kind: 'call',
    about: 'Bring a service of somebody on the mesh to a port of this computer.',
    input: z.object({
      target: meshTargetSchema,
      port: portSchema,
      /** On 127.0.0.1; a free one when it is left out. */
      localPort: portSchema.optional(),
    }),
    output: z.object({ forward: forwardSchema }),
    errors: ['MESH_OFF', 'NOT_FOUND', 'IN_USE', 'TOO_MANY'],
    effect: 'write',
    summary: (i) =>
      `Bring port ${i.port} of ${i.target} to ${i.localPort === undefined ? 'a free port' : `port ${i.localPort}`} of this computer`,
    examples: ['forward port {port} of {target}'],
    undo: { method: 'mesh.unforward' },
    withheld: notForPeers,
    positional: ['target', 'port', 'localPort'],
  }),
  'mesh.unforward': method({
    kind: 'call',
    about: 'Stop bringing a remote service here; its open connections end.',
    input: z.object({ forward: relayIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_KEPT'],
    effect: 'write',
    summary: (i) => `Stop the forward ${i.forward}`,
    examples: [],
    undo: { method: 'mesh.forward' },
    withheld: notForPeers,
    positional: ['forward'],
    lessens: true,
  }),
  'mesh.exposures': method({
    kind: 'call',
    about: 'List the services of this computer that are offered to the mesh.',
    input: z.object({}),
    output: z.object({ exposures: z.array(exposureSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List offered services',
    examples: ['what do i offer to the mesh'],
    withheld: notForPeers,
  }),
  'mesh.expose': method({
    kind: 'call',
    about: 'Offer a service of this computer on its mesh address, to those named and to nobody else.',
    input: z.object({
      /** On 127.0.0.1. */
      localPort: portSchema,
      /** Addresses or names; `everybody` alone lets all in. */
      allow: z.array(meshTargetSchema).min(1).max(256),
      /** On the mesh address; the same as the local one when it is left out. */
      port: portSchema.optional(),
    }),
    output: z.object({ exposure: exposureSchema }),
    errors: ['IN_USE', 'NOT_FOUND', 'TOO_MANY'],
    effect: 'share',
    summary: (i) =>
      `Offer port ${i.localPort} of this computer to ${i.allow.join(', ')} on the mesh${i.port === undefined || i.port === i.localPort ? '' : `, as port ${i.port}`}`,
    examples: ['offer port {localPort} to {allow}'],
    undo: { method: 'mesh.unexpose' },
    withheld: notForPeers,
    positional: ['localPort', 'allow'],
  }),
  'mesh.unexpose': method({
    kind: 'call',
    about: 'Stop offering a service; its open connections end.',
    input: z.object({ exposure: relayIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_KEPT'],
    effect: 'write',
    summary: (i) => `Stop offering ${i.exposure}`,
    examples: [],
    undo: { method: 'mesh.expose' },
    withheld: notForPeers,
    positional: ['exposure'],
    lessens: true,
  }),
  'mesh.socks': method({
    kind: 'call',
    about: 'Tell how other programs reach the mesh through the SOCKS proxy.',
    input: z.object({}),
    output: socksSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the SOCKS proxy',
    examples: ['how does my browser reach the mesh'],
    withheld: secretsOfAPerson,
  }),
  'mesh.setSocks': method({
    kind: 'call',
    about: 'Switch the SOCKS proxy on or off. It listens on this computer only and asks for a password.',
    input: z.object({ on: z.boolean() }),
    output: socksSchema,
    errors: ['MESH_OFF', 'IN_USE'],
    effect: 'admin',
    summary: (i) => `Switch the SOCKS proxy ${i.on ? 'on' : 'off'}`,
    examples: [],
    undo: { method: 'mesh.setSocks' },
    withheld: secretsOfAPerson,
    positional: ['on'],
  }),
  'mesh.nameServer': method({
    kind: 'call',
    about: 'Tell how other programs of this computer find names like ann.hypha.',
    input: z.object({}),
    output: nameServerSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the name responder',
    examples: ['how do other programs find names'],
    withheld: notForPeers,
  }),
  'mesh.setNameServer': method({
    kind: 'call',
    about: 'Switch the name responder on or off. It listens on this computer only and answers names below .hypha.',
    input: z.object({
      on: z.boolean(),
      /** 0 for any free one; it stays. */
      port: z.number().int().min(0).max(65_535).optional(),
      /** Whom to ask for other names, an address with or without a port; empty for nobody. */
      upstream: z
        .string()
        .trim()
        .max(100)
        .regex(/^([0-9a-fA-F:.]+|\[[0-9a-fA-F:.]+\](:\d{1,5})?|[0-9.]+:\d{1,5})?$/, 'Type an address, like 192.0.2.53.')
        .optional(),
    }),
    output: nameServerSchema,
    errors: ['PORT_IN_USE'],
    effect: 'admin',
    summary: (i) =>
      i.on
        ? `Answer names below .hypha on this computer${i.upstream ? `, and pass others on to ${i.upstream}` : ''}`
        : 'Switch the name responder off',
    examples: [],
    undo: { method: 'mesh.setNameServer' },
    withheld: notForPeers,
    positional: ['on'],
  }),
} as const;
