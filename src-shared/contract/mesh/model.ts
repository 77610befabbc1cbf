import { z } from 'zod';
import { contactMark } from '../../model/firewall-rule.ts';
import { bytesCountSchema, timeSchema } from '../../model/ids.ts';

/** An address of the mesh, in 400::/7; any spelling is read, the one of RFC 5952 is answered. */
export const meshAddressSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^0?[45][0-9a-f]{2}:(?=[0-9a-f:]*$)[0-9a-f:]{1,34}$/,
    'This is no address of the mesh. They begin with 4 or 5, like 4a2:…',
  );

/** Whom to reach: an address of the mesh, a name of somebody known, or a contact by id (`@ID`), as undoing names them. */
export const meshTargetSchema = z
  .string()
  .trim()
  // A name may end with the dot of the root (RFC 1034, 3.1), as other tools write it.
  .overwrite((text) => (text.startsWith(contactMark) ? text : text.toLowerCase().replace(/\.hypha\.$/, '.hypha')))
  .min(1)
  .max(253)
  .regex(
    /^(?:[a-z0-9]([a-z0-9.:-]*[a-z0-9:])?|@[A-Za-z0-9_-]{1,64})$/,
    'Type an address of the mesh, or a name like ann.hypha.',
  );

export const portSchema = z.number().int().min(1).max(65_535);

/** Where a peer listens: `tcp://host:port`, an IPv6 address in brackets; the port is 9651 when it is left out. */
export const endpointSchema = z
  .string()
  .trim()
  .max(300)
  .regex(
    /^tcp:\/\/(\[[0-9a-fA-F:.]+(%[\w.-]+)?\]|[\w.-]+)(:\d{1,5})?$/i,
    'Type it like tcp://peer.example:9651; an IPv6 address goes in brackets.',
  );

/** What the person chose; all of it off until they join. */
export const meshSettingsSchema = z.object({
  /** The node runs. */
  joined: z.boolean().default(false),
  /** Connect to public nodes, so that the whole network can be reached. */
  publicPeers: z.boolean().default(true),
  /** Find Hypha and Mycelium nodes on the local network, and be found by them. */
  discovery: z.boolean().default(true),
  /** Let other nodes connect to this one, on every network of this computer. */
  listen: z.boolean().default(true),
  /** 0 lets the system choose; it is kept then. */
  port: z.number().int().min(0).max(65_535).default(9651),
  /** Name of the private network this node keeps to; empty for the public one. Its key is never told. */
  privateNetwork: z.string().max(64).default(''),
  /** Answer pings. */
  answerPings: z.boolean().default(true),
  /** Take messages from people who are not known, under topics that have no rule. */
  strangers: z.boolean().default(false),
  /** With contacts that are known to run Hypha nothing goes or comes outside a session with forward secrecy. */
  requireSessions: z.boolean().default(true),
});
export type MeshSettings = z.infer<typeof meshSettingsSchema>;

export const meshStateSchema = z.enum([
  'off', // the person has not joined, or left
  'no-identity', // there are no device keys yet
  'starting',
  'on',
  'failed',
]);

export const meshStatusSchema = z.object({
  state: meshStateSchema,
  /** Why it failed or what is restricted, in plain words; empty otherwise. */
  detail: z.string(),
  settings: meshSettingsSchema,
  address: z.string().nullable(),
  /** The /64 that is this node's: its machines have addresses in it. */
  subnet: z.string().nullable(),
  /** X25519, 64 hex digits. */
  publicKey: z.string().nullable(),
  /** The port that peers can connect to; null when none can. */
  listening: portSchema.nullable(),
  /** Addresses of this computer under which a peer may reach it, as endpoints; those of the local network first. */
  endpoints: z.array(z.string()),
  /** Whether this runtime can do private networks. */
  privateNetworks: z.boolean(),
  peers: z.object({ connected: z.number().int(), known: z.number().int() }),
  routes: z.number().int(),
  /** Bytes since the node started, over all peers, routed through or our own. */
  received: bytesCountSchema,
  sent: bytesCountSchema,
  startedAt: timeSchema.nullable(),
});
export type MeshStatus = z.infer<typeof meshStatusSchema>;

export const peerSchema = z.object({
  endpoint: z.string(),
  /** Why the last attempt led to no connection, in plain words; null where nothing is amiss. */
  reason: z.string().nullable(),
  direction: z.enum(['outbound', 'inbound']),
  /** `added` by the person, `public` chosen by the agent, `found` on the local network, `inbound` connected to us. */
  origin: z.enum(['added', 'public', 'found', 'inbound']),
  state: z.enum(['connected', 'connecting', 'waiting']),
  transport: z.enum(['tcp', 'tls']),
  /** Milliseconds, smoothed; null before it was measured. */
  rtt: z.number().nullable(),
  /** What a route over this link costs; null when there is no link. */
  cost: z.number().nullable(),
  connectedAt: timeSchema.nullable(),
  received: bytesCountSchema,
  sent: bytesCountSchema,
  /** Data packets that found no room. */
  dropped: z.number().int(),
  /** Attempts in a row that failed. */
  failures: z.number().int(),
  /** Bytes a second in and out, one sample each two seconds, newest last; at most 60. */
  traffic: z.array(z.object({ received: z.number(), sent: z.number() })),
});
export type Peer = z.infer<typeof peerSchema>;

export const routeSchema = z.object({
  /** Like 4a2:b1::/64. */
  prefix: z.string(),
  /** The node it leads to. */
  address: z.string(),
  /** X25519, 64 hex digits. */
  publicKey: z.string(),
  /** Endpoint of the peer it goes through. */
  via: z.string(),
  /** Cost from here, about milliseconds; null when it leads nowhere now. */
  cost: z.number().int().nullable(),
  /** The peer is its end. */
  direct: z.boolean(),
  selected: z.boolean(),
  /** What it is known as, when it is known. */
  name: z.string().nullable(),
});
export type Route = z.infer<typeof routeSchema>;

export const trafficSampleSchema = z.object({
  at: timeSchema,
  /** Bytes a second. */
  received: z.number(),
  sent: z.number(),
});
export type TrafficSample = z.infer<typeof trafficSampleSchema>;

export const relayIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'This is no id. Copy one from the list.')
  .brand<'RelayId'>();
export type RelayId = z.infer<typeof relayIdSchema>;

const traffic = { connections: z.number().int(), received: bytesCountSchema, sent: bytesCountSchema };

/** A remote service brought to a port of this computer. */
export const forwardSchema = z.object({
  id: relayIdSchema,
  target: z.string(),
  port: portSchema,
  /** On 127.0.0.1; null while it cannot be had. */
  localPort: portSchema.nullable(),
  state: z.enum(['open', 'waiting', 'failed']),
  detail: z.string(),
  ...traffic,
});
export type Forward = z.infer<typeof forwardSchema>;

/** A service of this computer offered to the mesh. */
export const exposureSchema = z.object({
  id: relayIdSchema,
  /** On this node's mesh address. */
  port: portSchema,
  /** On 127.0.0.1. */
  localPort: portSchema,
  /** Addresses or names of those who may connect; `everybody` alone for all. */
  allow: z.array(z.string()),
  state: z.enum(['open', 'waiting', 'failed']),
  detail: z.string(),
  ...traffic,
});
export type Exposure = z.infer<typeof exposureSchema>;

export const socksSchema = z.object({
  /** As the person wants it. */
  on: z.boolean(),
  /** Whether anything listens: a proxy that is on waits for the node to run. */
  state: z.enum(['off', 'open', 'waiting', 'failed']),
  detail: z.string(),
  /** `socks5h://user:password@127.0.0.1:port`; null while nothing listens there. */
  url: z.string().nullable(),
  port: portSchema.nullable(),
  user: z.string().nullable(),
  password: z.string().nullable(),
  ...traffic,
});
export type Socks = z.infer<typeof socksSchema>;

export const nameServerSchema = z.object({
  on: z.boolean(),
  /** On 127.0.0.1, for UDP and TCP; null while it is off or cannot be had. */
  port: portSchema.nullable(),
  /** Where names outside `.hypha` are asked for, like 192.0.2.53 or [2001:db8::53]:53; empty for nowhere. */
  upstream: z.string(),
  detail: z.string(),
});
export type NameServer = z.infer<typeof nameServerSchema>;

export const sessionSchema = z.object({
  address: z.string(),
  /** X25519, 64 hex digits. */
  publicKey: z.string(),
  name: z.string().nullable(),
  /** One is in use; otherwise it is being begun, or ended a while ago. */
  established: z.boolean(),
  /** Nothing goes or comes without one. */
  required: z.boolean(),
  /** Packets sent in it. */
  sent: z.number().int(),
});
export type Session = z.infer<typeof sessionSchema>;

export const hopSchema = z.object({
  hop: z.number().int(),
  /** Null when nobody answered. */
  address: z.string().nullable(),
  name: z.string().nullable(),
  ms: z.number().nullable(),
  /** Cost from here to it, where we have a route of our own to it. */
  cost: z.number().int().nullable(),
});
export type Hop = z.infer<typeof hopSchema>;

export const findingSchema = z.object({
  /** What was looked at. */
  code: z.enum(['NODE', 'NAME', 'PEERS', 'ROUTE', 'PING', 'SESSION', 'SERVICE']),
  ok: z.boolean(),
  text: z.string(),
  /** What to do, when it is not in order. */
  next: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;
