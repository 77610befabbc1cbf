import { z } from 'zod';
import { method } from '../../rpc/contract.ts';
import {
  endpointSchema,
  findingSchema,
  hopSchema,
  meshSettingsSchema,
  meshStatusSchema,
  meshTargetSchema,
  peerSchema,
  routeSchema,
  sessionSchema,
  trafficSampleSchema,
} from './model.ts';
import { notForPeers, personOnly } from './withheld.ts';

const settings = meshSettingsSchema.shape;

/** The node itself: joining, peers, routes and looking into what is wrong. */
export const meshNodeContract = {
  'mesh.status': method({
    kind: 'call',
    about: 'Tell this node’s address on the mesh and whether it runs.',
    input: z.object({}),
    output: meshStatusSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the state of the mesh node',
    examples: ['what is my mesh address', 'am i connected'],
    withheld: notForPeers,
  }),
  'mesh.join': method({
    kind: 'call',
    about: 'Join the mesh: start this node and keep it running.',
    input: z.object({
      publicPeers: settings.publicPeers.unwrap().optional(),
      discovery: settings.discovery.unwrap().optional(),
      listen: settings.listen.unwrap().optional(),
      port: settings.port.unwrap().optional(),
    }),
    output: meshStatusSchema,
    errors: ['NO_IDENTITY', 'IN_USE'],
    effect: 'admin',
    summary: (i) =>
      [
        'Join the mesh',
        ...(i.publicPeers === false ? [', without public nodes'] : []),
        ...(i.listen === false ? [', letting nobody connect'] : []),
      ].join(''),
    examples: ['join the mesh'],
    undo: { method: 'mesh.leave' },
    withheld: notForPeers,
  }),
  'mesh.leave': method({
    kind: 'call',
    about: 'Leave the mesh: stop this node. Its address stays yours.',
    input: z.object({}),
    output: meshStatusSchema,
    errors: ['NOT_KEPT'],
    effect: 'admin',
    summary: () => 'Leave the mesh',
    examples: ['leave the mesh'],
    undo: { method: 'mesh.join' },
    withheld: notForPeers,
    lessens: true,
  }),
  'mesh.configure': method({
    kind: 'call',
    about: 'Change how this node takes part; what is left out stays.',
    input: z.object({
      /** As `mesh.join` and `mesh.leave`, together with the rest: so joining is undone in one step. */
      joined: settings.joined.unwrap().optional(),
      publicPeers: settings.publicPeers.unwrap().optional(),
      discovery: settings.discovery.unwrap().optional(),
      listen: settings.listen.unwrap().optional(),
      port: settings.port.unwrap().optional(),
      answerPings: settings.answerPings.unwrap().optional(),
      strangers: settings.strangers.unwrap().optional(),
      requireSessions: settings.requireSessions.unwrap().optional(),
    }),
    output: meshStatusSchema,
    errors: ['NO_IDENTITY', 'IN_USE'],
    effect: 'admin',
    summary: (i) =>
      Object.keys(i).length === 0
        ? 'Leave the mesh settings as they are'
        : `Change how the mesh node takes part (${Object.entries(i)
            .map(([key, value]) => `${key}: ${String(value)}`)
            .join(', ')})`,
    examples: ['let nobody connect to my node'],
    undo: { method: 'mesh.configure' },
    withheld: notForPeers,
  }),
  'mesh.usePrivateNetwork': method({
    kind: 'call',
    about:
      'Keep to a private network, whose name and key all its nodes share; an empty name goes back to the public one.',
    input: z.object({
      name: settings.privateNetwork
        .unwrap()
        .regex(/^([\w][\w .-]{1,63})?$/, 'Use 2 to 64 letters, digits, dots and hyphens.'),
      /** 64 hex digits. */
      key: z
        .string()
        .trim()
        .regex(/^([0-9a-fA-F]{64})?$/, 'The key is 64 hex digits.')
        .default(''),
    }),
    output: meshStatusSchema,
    errors: ['NOT_SUPPORTED', 'KEY_MISSING'],
    effect: 'admin',
    summary: (i) => (i.name === '' ? 'Go back to the public mesh' : `Keep to the private network ${i.name}`),
    examples: ['use the private network {name}'],
    undo: { never: 'Give the name and key of the network that was used before.' },
    withheld: { ...notForPeers, assistant: personOnly, mcp: personOnly },
    secret: ['key'],
    positional: ['name'],
  }),
  'mesh.peers': method({
    kind: 'call',
    about: 'List the peers: who this node is connected to, or tries to be.',
    input: z.object({}),
    output: z.object({ peers: z.array(peerSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List mesh peers',
    examples: ['list my peers'],
    withheld: notForPeers,
  }),
  'mesh.addPeer': method({
    kind: 'call',
    about: 'Keep a connection to a peer.',
    input: z.object({ endpoint: endpointSchema }),
    output: z.object({ peer: peerSchema }),
    errors: ['NOT_ONE_HOST', 'ALREADY_EXISTS', 'TOO_MANY'],
    // One public peer is enough to be on the public network, which the person may not want.
    effect: 'admin',
    summary: (i) => `Connect to the peer ${i.endpoint}`,
    examples: ['add the peer {endpoint}'],
    undo: { method: 'mesh.removePeer' },
    withheld: notForPeers,
    positional: ['endpoint'],
  }),
  'mesh.removePeer': method({
    kind: 'call',
    about: 'Stop connecting to a peer.',
    input: z.object({ endpoint: endpointSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_KEPT'],
    effect: 'write',
    summary: (i) => `Disconnect from the peer ${i.endpoint}`,
    examples: ['remove the peer {endpoint}'],
    undo: { method: 'mesh.addPeer' },
    withheld: notForPeers,
    positional: ['endpoint'],
    lessens: true,
  }),
  'mesh.routes': method({
    kind: 'call',
    about: 'List the routes this node knows, the used ones first.',
    input: z.object({
      /** Keep those whose prefix, name or peer contains this. */
      find: z.string().trim().max(200).default(''),
      /** Also routes that are known but not used. */
      all: z.boolean().default(false),
      limit: z.number().int().min(1).max(5000).default(1000),
    }),
    output: z.object({ routes: z.array(routeSchema), total: z.number().int() }),
    errors: ['MESH_OFF'],
    effect: 'read',
    summary: () => 'List mesh routes',
    examples: ['show my routes'],
    withheld: notForPeers,
    positional: ['find'],
  }),
  'mesh.sessions': method({
    kind: 'call',
    about: 'List the nodes that this one talks to in sessions, which nobody can read later or play back.',
    input: z.object({}),
    output: z.object({ sessions: z.array(sessionSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List sessions',
    examples: ['with whom do i have sessions'],
    withheld: notForPeers,
  }),
  'mesh.traffic': method({
    kind: 'call',
    about: 'Tell how much went over the mesh lately.',
    input: z.object({}),
    output: z.object({
      /** Two seconds each, the last ten minutes, newest last. */
      samples: z.array(trafficSampleSchema),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'See mesh traffic',
    examples: ['how much traffic is on the mesh'],
    withheld: notForPeers,
  }),
  'mesh.ping': method({
    kind: 'stream',
    about: 'Ping an address or a name on the mesh; it fails when none of the pings came back.',
    input: z.object({ target: meshTargetSchema, count: z.number().int().min(1).max(100).default(4) }),
    output: z.object({
      sequence: z.number().int(),
      address: z.string(),
      /** Null when it did not come back; `detail` says why. */
      ms: z.number().nullable(),
      detail: z.string(),
    }),
    errors: ['MESH_OFF', 'NOT_FOUND', 'NO_ANSWER'],
    effect: 'read',
    summary: (i) => `Ping ${i.target}`,
    examples: ['ping {target}'],
    withheld: notForPeers,
    positional: ['target'],
    quiet: true,
  }),
  'mesh.trace': method({
    kind: 'stream',
    about: 'Show the way to an address or a name on the mesh, hop by hop.',
    input: z.object({ target: meshTargetSchema, maxHops: z.number().int().min(1).max(64).default(30) }),
    output: hopSchema,
    errors: ['MESH_OFF', 'NOT_FOUND', 'NO_ANSWER'],
    effect: 'read',
    summary: (i) => `Trace the way to ${i.target}`,
    examples: ['trace {target}'],
    withheld: notForPeers,
    positional: ['target'],
    quiet: true,
  }),
  'mesh.diagnose': method({
    kind: 'call',
    about: 'Find out why somebody cannot be reached.',
    input: z.object({
      target: meshTargetSchema,
      /** A service there, to be tried too. */
      port: z.number().int().min(1).max(65_535).optional(),
    }),
    output: z.object({ reachable: z.boolean(), findings: z.array(findingSchema) }),
    errors: [],
    effect: 'read',
    summary: (i) => `Find out whether ${i.target} can be reached`,
    examples: ['why can i not reach {target}'],
    withheld: notForPeers,
    positional: ['target', 'port'],
  }),
} as const;
