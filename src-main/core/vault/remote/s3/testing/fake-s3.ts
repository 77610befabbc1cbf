import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  /** Without the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
}

/** What a test does in place of the server. True: it answered, or will not. */
export type Fault = (asked: Asked, response: http.ServerResponse, socket: Socket) => boolean;

export interface FakeS3 {
  readonly endpoint: string;
  readonly objects: Map<string, { bytes: Buffer; modified: number }>;
  /** Requests so far, faults included. */
  readonly asked: Asked[];
  fault: Fault | null;
  /** Honours `If-None-Match: *`. */
  conditional: boolean;
  /** Looks at `Content-MD5`. */
  checksums: boolean;
  /** Gives names in listings %-encoded when asked to. */
  urlEncodes: boolean;
  /** So many names a page at most. */
  pageSize: number;
  /** Break every connection. */
  cut(): void;
  close(): Promise<void>;
}

export const fakeKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'eu-test-1',
};
export const fakeBucket = 'bucket';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
/** AWS, "Create a signed AWS API request": everything but A-Z a-z 0-9 - . _ ~ */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An S3 server in memory that checks signatures as AWS describes them, and fails as tests ask it to. */
export async function startFakeS3(): Promise<FakeS3> {
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    request.on('error', () => {});
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname);
    const asked: Asked = {
      method: request.method ?? '',
      key: path.slice(fakeBucket.length + 2),
      query: url.searchParams,
      headers: request.headers,
    };
    fake.asked.push(asked);
    if (fake.fault?.(asked, response, request.socket)) return;
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => void pieces.push(piece));
    request.on('end', () => answer(fake, asked, url, Buffer.concat(pieces), response));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const fake: FakeS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    asked: [],
    fault: null,
    conditional: true,
    checksums: true,
    urlEncodes: true,
    pageSize: 1000,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      fake.cut();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
  return fake;
}

export function refuse(response: http.ServerResponse, status: number, code: string, message = ''): true {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${xml(message)}</Message></Error>`);
  return true;
}

function answer(fake: FakeS3, asked: Asked, url: URL, body: Buffer, response: http.ServerResponse): unknown {
  const no = (status: number, code: string): true => refuse(response, status, code);
  if (!isSigned(asked, url)) return no(403, 'SignatureDoesNotMatch');
  if (!url.pathname.startsWith(`/${fakeBucket}`)) return no(404, 'NoSuchBucket');
  const { method, key } = asked;
  const found = fake.objects.get(key);
  if (method === 'GET' && key === '') return list(fake, asked, response);
  if (method === 'PUT') {
    const digest = createHash('md5').update(body);
    const tag = digest.copy().digest('hex');
    if (fake.checksums && asked.headers['content-md5'] !== digest.digest('base64')) return no(400, 'BadDigest');
    if (fake.conditional && asked.headers['if-none-match'] === '*' && found) return no(412, 'PreconditionFailed');
    fake.objects.set(key, { bytes: body, modified: Date.now() });
    return response.writeHead(200, { etag: `"${tag}"` }).end();
  }
  if (method === 'DELETE') {
    fake.objects.delete(key);
    return response.writeHead(204).end();
  }
  if (!found) return no(404, 'NoSuchKey');
  const range = /^bytes=(\d+)-(\d*)$/.exec(asked.headers.range ?? '');
  if (!range) {
    return response.writeHead(200, { 'content-length': found.bytes.length }).end(found.bytes);
  }
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) + 1 : found.bytes.length, found.bytes.length);
  if (from >= found.bytes.length) return no(416, 'InvalidRange');
  return response
    .writeHead(206, { 'content-length': to - from, 'content-range': `bytes ${from}-${to - 1}/${found.bytes.length}` })
    .end(found.bytes.subarray(from, to));
}

function list(fake: FakeS3, { query }: Asked, response: http.ServerResponse): void {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const most = Math.min(Number(query.get('max-keys') ?? 1000), fake.pageSize);
  const after = query.get('continuation-token') ?? '';
  const encoded = query.get('encoding-type') === 'url' && fake.urlEncodes;
  const entries = new Map<string, string>();
  for (const [key, { modified }] of fake.objects) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const name = cut < 0 ? key : key.slice(0, cut + 1);
    const shown = encoded ? encode(name).replaceAll('%2F', '/').replaceAll('%20', '+') : xml(name);
    entries.set(
      name,
      cut < 0
        ? `<Contents><Key>${shown}</Key><LastModified>${new Date(modified).toISOString()}</LastModified></Contents>`
        : `<CommonPrefixes><Prefix>${shown}</Prefix></CommonPrefixes>`,
    );
  }
  const names = [...entries.keys()].sort().filter((name) => name > after);
  const page = names.slice(0, most);
  const more = names.length > page.length;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${
      more ? `<NextContinuationToken>${xml(page.at(-1) ?? '')}</NextContinuationToken>` : ''
    }${encoded ? '<EncodingType>url</EncodingType>' : ''}${page.map((name) => entries.get(name)).join('')}</ListBucketResult>`,
  );
}

/** AWS Signature Version 4, from its description and not from any client's code. */
function isSigned({ method, headers, query }: Asked, url: URL): boolean {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!found) return false;
  const [, id, day = '', region = '', names = '', signature] = found;
  const signed = names.split(';');
  // What could change the meaning of the request must be signed along.
  for (const name of Object.keys(headers)) {
    if ((name === 'host' || name.startsWith('x-amz-')) && !signed.includes(name)) return false;
  }
  const canonical = [
    method,
    url.pathname
      .split('/')
      .map((level) => encode(decodeURIComponent(level)))
      .join('/'),
    [...query]
      .map(([k, v]) => `${encode(k)}=${encode(v)}`)
      .sort()
      .join('&'),
    ...signed.map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    names,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = ['aws4_request'].reduce(hmac, hmac(hmac(hmac(`AWS4${fakeKeys.secretAccessKey}`, day), region), 's3'));
  return id === fakeKeys.accessKeyId && region === fakeKeys.region && hmac(key, text).toString('hex') === signature;
}
