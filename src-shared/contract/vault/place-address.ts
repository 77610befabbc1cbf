import { z } from 'zod';

/*
 * Where a place is, as plain data for each kind, and apart from it what must stay secret. Nothing of the latter is ever shown
 * again: not in lists, consent questions, the activity log or logs.
 */

export const placeKinds = ['directory', 'zdb', 'redis', 's3', 'sftp', 'friend'] as const;
export type PlaceKind = (typeof placeKinds)[number];

/** Visible and without spaces: so that two addresses that look alike are alike. */
const word = (most: number, about: string) =>
  z
    .string()
    .trim()
    .min(1, about)
    .max(most)
    .regex(/^[^\p{C}\p{Z}]+$/u, about);
/** Part of a path below which a place lies; empty for the top. */
const prefix = z
  .string()
  .trim()
  .max(900)
  .regex(/^[^\p{C}]*$/u);
const host = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^(?:[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?)$/, 'Type the name or the address of a computer.');
const port = z.number().int().min(1).max(65_535);
/** As `ssh-keygen -l` prints it, with the kind of key before it where that is known: `ssh-ed25519 SHA256:…`. */
const fingerprint = z
  .string()
  .trim()
  .regex(
    /^(?:[a-z0-9@.-]{1,64} )?SHA256:[A-Za-z0-9+/]{43}$/,
    'A fingerprint begins with SHA256: and has 43 characters.',
  );

const fields = {
  path: z.string().min(1).describe('the directory; on an SFTP server, use --directory'),
  host: host.describe('name or address of the server'),
  port: port.describe('left out: the usual one'),
  namespace: word(128, 'Type the name of a namespace.').describe('0-db: the namespace'),
  database: z.number().int().min(0).max(65_535).describe('Redis: number of the database, for the place alone'),
  tls: z.boolean().describe('Redis: talk over TLS'),
  user: word(128, 'Type the name of an account.').describe('Redis and SFTP: the account'),
  prefix: prefix.describe('S3: below which name in the bucket'),
  endpoint: word(1024, 'Type the address of the S3 server.').describe('S3: address of the server, https://HOST'),
  region: z
    .string()
    .trim()
    .max(64)
    .regex(/^[A-Za-z0-9_-]*$/)
    .describe('S3: the region, where the provider has them'),
  bucket: word(255, 'Type the name of a bucket.').describe('S3: the bucket'),
  accessKeyId: word(256, 'Type the access key id.').describe('S3: the access key id; its secret is asked for'),
  directory: z.string().trim().min(1).max(900).describe('SFTP: the directory on the server'),
  fingerprint: fingerprint.describe('SFTP: the key of the server, as it showed itself and you confirmed it'),
  contact: word(253, 'Type the name of a contact.').describe(
    'a contact’s Hypha: whose, by name; they have agreed to keep room',
  ),
  hostKey: z
    .string()
    .trim()
    .regex(/^[0-9a-f]{64}$/, 'A key of the mesh has 64 digits, 0 to 9 and a to f.')
    .describe('a contact’s Hypha: the mesh key of the computer with the room; left out, it is asked for'),
  room: z
    .string()
    .trim()
    .regex(/^[0-9a-f]{32}$/, 'The number of a room has 32 digits, 0 to 9 and a to f.')
    .describe('a contact’s Hypha: which room; left out, it is asked for'),
};

export const placeAddressSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: fields.path }),
  z.object({ kind: z.literal('zdb'), host, port, namespace: fields.namespace }),
  z.object({
    kind: z.literal('redis'),
    host,
    port,
    database: fields.database,
    tls: fields.tls,
    /** Empty: the usual account. */
    user: z.string().max(128),
  }),
  z.object({
    kind: z.literal('s3'),
    endpoint: fields.endpoint,
    /** Empty: the usual one. */
    region: fields.region,
    bucket: fields.bucket,
    prefix,
    accessKeyId: fields.accessKeyId,
  }),
  z.object({
    kind: z.literal('sftp'),
    host,
    port,
    user: fields.user,
    directory: fields.directory,
    /** Of the server's key, confirmed by the person on first use: any other key is refused. */
    fingerprint,
  }),
  z.object({
    kind: z.literal('friend'),
    /** As the person called them when the place was added. */
    contact: fields.contact,
    /** The mesh key of the device that keeps the room, in hex: nobody without it can pose as that device. */
    hostKey: fields.hostKey,
    /** Which room, in hex. */
    room: fields.room,
  }),
]);
export type PlaceAddress = z.infer<typeof placeAddressSchema>;
export type AddressOf<K extends PlaceKind> = Extract<PlaceAddress, { kind: K }>;

/** What opens a remote place. Of an SFTP server a password or a private key, which may have a passphrase of its own. */
export const placeSecretSchema = z.object({
  password: z.string().min(1).max(1024).optional().describe('of the account or namespace'),
  secretKey: z.string().trim().min(1).max(1024).optional().describe('S3: the secret access key'),
  privateKey: z.string().min(1).max(32_768).optional().describe('SFTP: a private key, as OpenSSH writes it'),
  keyPassword: z.string().min(1).max(1024).optional().describe('SFTP: what the private key is locked with'),
});
export type PlaceSecret = z.infer<typeof placeSecretSchema>;
export const secretNames = ['password', 'secretKey', 'privateKey', 'keyPassword'] as const;

/** The parts of an address one by one, as a person gives them: those of the kind count, what has a usual value may be left out. */
export const addressFields = {
  kind: z.enum(placeKinds).optional().describe('what kind of place it is; left out: a directory'),
  path: fields.path.optional(),
  host: fields.host.optional(),
  port: fields.port.optional(),
  namespace: fields.namespace.optional(),
  database: fields.database.optional(),
  tls: fields.tls.optional(),
  user: fields.user.optional(),
  prefix: fields.prefix.optional(),
  endpoint: fields.endpoint.optional(),
  region: fields.region.optional(),
  bucket: fields.bucket.optional(),
  accessKeyId: fields.accessKeyId.optional(),
  directory: fields.directory.optional(),
  fingerprint: fields.fingerprint.optional(),
  contact: fields.contact.optional(),
  hostKey: fields.hostKey.optional(),
  room: fields.room.optional(),
} as const;
const addressInputSchema = z.object(addressFields);
export type AddressInput = z.infer<typeof addressInputSchema>;

const needed: Readonly<Record<PlaceKind, readonly (keyof AddressInput)[]>> = {
  directory: ['path'],
  zdb: ['host', 'namespace'],
  redis: ['host'],
  s3: ['endpoint', 'bucket', 'accessKeyId'],
  sftp: ['host', 'user', 'directory'],
  friend: ['contact'],
};
export const usualPorts = { zdb: 9900, redis: 6379, sftp: 22 } as const;

/** Parts of an address that its kind needs and that were not given. */
export const missingParts = (input: AddressInput): readonly (keyof AddressInput)[] =>
  needed[input.kind ?? 'directory'].filter((key) => input[key] === undefined);

/**
 * The address that the parts make. An SFTP server's key need not be known yet: `fingerprint` is null then, and what is asked
 * for is only to see that key. Nor need be where a contact keeps a room: that is asked of their Hypha.
 */
export type OpenAddress =
  | Exclude<PlaceAddress, { kind: 'sftp' | 'friend' }>
  | (Omit<AddressOf<'friend'>, 'hostKey' | 'room'> & { hostKey: string | null; room: string | null })
  | (Omit<AddressOf<'sftp'>, 'fingerprint'> & { fingerprint: string | null });

/** @returns null when something that the kind needs is missing ({@link missingParts}) */
export function addressOf(input: AddressInput): OpenAddress | null {
  const { kind = 'directory', host: at = '' } = input;
  if (missingParts(input).length > 0) return null;
  switch (kind) {
    case 'directory':
      return { kind, path: input.path ?? '' };
    case 'zdb':
      return { kind, host: at, port: input.port ?? usualPorts.zdb, namespace: input.namespace ?? '' };
    case 'redis': {
      const { port: own = usualPorts.redis, database = 0, tls = false, user = '' } = input;
      return { kind, host: at, port: own, database, tls, user };
    }
    case 's3': {
      const { endpoint = '', region = '', bucket = '', prefix: below = '', accessKeyId = '' } = input;
      return { kind, endpoint, region, bucket, prefix: below, accessKeyId };
    }
    case 'sftp': {
      const { port: own = usualPorts.sftp, user = '', directory = '', fingerprint: key = null } = input;
      return { kind, host: at, port: own, user, directory, fingerprint: key };
    }
    case 'friend': {
      const { contact = '', hostKey = null, room = null } = input;
      return { kind, contact, hostKey, room };
    }
  }
}

/** Name of the computer that a remote place is on; null for a directory and for a contact's Hypha. */
export function hostOf(address: OpenAddress): string | null {
  if (address.kind === 'directory' || address.kind === 'friend') return null;
  if (address.kind !== 's3') return address.host.replace(/^\[|\]$/g, '').toLowerCase();
  const url = address.endpoint.includes('://') ? address.endpoint : `https://${address.endpoint}`;
  const named = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(url)?.[1] ?? '';
  return named.replace(/^\[|\]$/g, '').toLowerCase();
}

const below = (path: string): string => (path === '' ? '' : `/${path.replace(/^\/+|\/+$/g, '')}`);
const at = (name: string, port: number): string =>
  `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;

/** One of the person's own devices keeps the room, not somebody else's: `LABEL.me`, which is no contact's name (they have no dots). */
const isOwnDevice = ({ contact }: { readonly contact: string }): boolean => contact.endsWith('.me');

/** Whose a place is unless the person says otherwise: the contact's by name, or empty for their own. */
export const ownerOf = (address: OpenAddress): string =>
  address.kind === 'friend' && !isOwnDevice(address) ? address.contact : '';

/** Where a place is, in words that a person knows it by: a path, or host and what is on it. No secret is in it. */
export function whereWords(address: OpenAddress): string {
  switch (address.kind) {
    case 'directory':
      return address.path;
    case 'zdb':
      return `${at(address.host, address.port)}/${address.namespace}`;
    case 'redis':
      return `${at(address.host, address.port)}/${address.database}`;
    case 's3':
      return `${address.endpoint.replace(/^https:\/\//, '').replace(/\/+$/, '')}/${address.bucket}${below(address.prefix)}`;
    case 'sftp':
      return `${at(address.host, address.port)}${below(address.directory)}`;
    case 'friend':
      return isOwnDevice(address) ? `your device ${address.contact.slice(0, -3)}` : `${address.contact}’s Hypha`;
  }
}

/** The account that is used there; empty for none. */
export function accountOf(address: OpenAddress): string {
  if (address.kind === 's3') return address.accessKeyId;
  return address.kind === 'sftp' || address.kind === 'redis' ? address.user : '';
}

export const kindWords: Readonly<Record<PlaceKind, string>> = {
  directory: 'directory',
  zdb: '0-db',
  redis: 'Redis',
  s3: 'S3',
  sftp: 'SFTP',
  friend: 'over the mesh',
};

/** Host and account of a call that names a place by its parts, for summaries. */
export function placeCallWords(input: AddressInput): string {
  const address = addressOf(input);
  const kind = kindWords[input.kind ?? 'directory'];
  if (address === null) return kind;
  if (address.kind === 'directory') return address.path;
  const account = accountOf(address);
  return `${whereWords(address)} (${kind}${account === '' ? '' : `, as ${account}`})`;
}
