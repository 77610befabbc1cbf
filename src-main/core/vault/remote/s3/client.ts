import { S3mini } from 's3mini';
import { toHex } from '#core/crypto/encoding.ts';
import { md5 } from '#core/crypto/md5.ts';
import type { Traffic } from '../../traffic/traffic.ts';
import { again, type Clock, createGate, type Waits } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { S3Target } from './options.ts';
import { Refusal } from './refusal.ts';
import { createTransport, type Deadlines, troubleOf } from './transport.ts';

export interface S3Tuning {
  readonly deadlines: Deadlines;
  /** Before each further try. */
  readonly waits: Waits;
  /** Requests under way at once. */
  readonly connections: number;
  readonly traffic?: Traffic | undefined;
}

/** A page has at most 1,000 names of at most 1,024 bytes, which %-signs triple, and what is around them. */
const pageBytes = 8 * 1024 * 1024;
/** 5 million objects: far beyond what a place holds under one directory. */
const mostPages = 5000;

/**
 * The few requests of S3 that a place needs. Each is tried again after trouble that passes and has its deadlines; keys are
 * below the target's prefix. Signing is s3mini's; the wire is {@link createTransport}'s.
 */
export function createS3Client(target: S3Target, clock: Clock, tuning: S3Tuning) {
  const transport = createTransport(target, clock, tuning.connections, tuning.deadlines, tuning.traffic);
  const gate = createGate(tuning.connections);
  const stopping = new AbortController();
  const s3 = new S3mini({
    accessKeyId: target.accessKeyId,
    secretAccessKey: target.secretAccessKey,
    endpoint: target.url,
    region: target.region,
    fetch: transport.fetch,
  });
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await gate(work);
    } catch (error) {
      throw troubleOf(target, error);
    }
  };
  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    again(clock, tuning.waits, stopping.signal, () => attempt(work));
  const full = (key: string): string => target.prefix + key;
  const get = (key: string, from: number, to: number): Promise<Response> => s3.getObjectRaw(full(key), false, from, to);

  return {
    /**
     * Store an object. The server compares what arrived with `Content-MD5`, which is part of the signature; those that do not
     * are found out by the `ETag` they answer with.
     *
     * @returns false when `onlyNew` and the server says that there is one already
     */
    put(key: string, parts: readonly Uint8Array[], onlyNew = false): Promise<boolean> {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const digest = md5(...parts);
      const headers: Record<string, string> = { 'content-md5': Buffer.from(digest).toString('base64') };
      if (onlyNew) headers['if-none-match'] = '*';
      return ask(async () => {
        try {
          const body = length === 0 ? '' : ReadableStream.from(parts);
          const answer = await s3.putObject(full(key), body, undefined, undefined, headers, length);
          checkTag(target, answer, toHex(digest));
          return true;
        } catch (error) {
          if (onlyNew && error instanceof Refusal && error.status === 412) return false;
          throw error;
        }
      });
    },

    /** Fill `into` from `offset`. @returns false when there is no such object or it is too short */
    read: (key: string, offset: number, into: Uint8Array): Promise<boolean> =>
      ask(async () => {
        try {
          const answer = await get(key, offset, offset + into.length);
          return await fill(target, answer, offset, into);
        } catch (error) {
          if (isMissing(error) || isBeyond(error)) return false;
          throw error;
        }
      }),

    /** Length of an object, or null. */
    size: (key: string): Promise<number | null> =>
      ask(async () => {
        try {
          const answer = await get(key, 0, 1);
          const range = contentRange(answer);
          const length =
            answer.status === 206 ? range?.total : Number(answer.headers.get('content-length') ?? Number.NaN);
          await answer.body?.cancel();
          if (length === undefined || !Number.isSafeInteger(length)) throw nonsense(target);
          return length;
        } catch (error) {
          if (isMissing(error)) return null;
          // An empty object has no first byte.
          if (isBeyond(error)) return 0;
          throw error;
        }
      }),

    /** A small object whole; null when there is none, and what is longer than `most` is not read. */
    text: (key: string, most: number): Promise<string | null> =>
      ask(async () => {
        try {
          const answer = await s3.getObjectRaw(full(key));
          return (await whole(target, answer, most)) ?? '';
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),

    remove: (key: string): Promise<void> =>
      ask(async () => {
        try {
          await s3.deleteObject(full(key));
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }),

    /** What begins with `key`, a level at a time, page by page; with `most` only so many. Names are without the target's prefix. */
    async *list(key: string, most?: number): AsyncGenerator<ListPage> {
      let token: string | null = null;
      for (let page = 0; page < mostPages; page++) {
        const query: Record<string, string> = { 'list-type': '2', delimiter: '/', 'encoding-type': 'url' };
        if (full(key) !== '') query.prefix = full(key);
        if (most !== undefined) query['max-keys'] = String(most);
        if (token !== null) query['continuation-token'] = token;
        const found = await ask(async () => {
          // The bucket itself, as an object without a name.
          const answer = await s3.getObjectRaw('', true, 0, undefined, query);
          const read = readListPage((await whole(target, answer, pageBytes)) ?? '');
          if (!read) throw nonsense(target);
          return read;
        });
        const mine = (name: string): boolean => name.startsWith(full(key));
        const cut = (name: string): string => name.slice(target.prefix.length);
        yield {
          objects: found.objects.filter((one) => mine(one.key)).map((one) => ({ ...one, key: cut(one.key) })),
          prefixes: found.prefixes.filter(mine).map(cut),
          next: found.next,
        };
        if (found.next === null || most !== undefined) return;
        if (found.next === token) throw nonsense(target);
        token = found.next;
      }
      throw new Trouble('broken', `${target.host} does not come to the end of a listing.`);
    },

    close(): void {
      stopping.abort(new Trouble('closed', 'The connection was ended.'));
      transport.close();
    },
  };
}
export type S3Client = ReturnType<typeof createS3Client>;

const isMissing = (error: unknown): boolean =>
  error instanceof Refusal && error.status === 404 && error.s3Code !== 'NoSuchBucket';
const isBeyond = (error: unknown): boolean => error instanceof Refusal && error.status === 416;

const nonsense = (target: S3Target): Trouble =>
  new Trouble('broken', `${target.host} does not answer as an S3 server does.`, {
    next: 'See that the address is that of an S3 server.',
  });

const changedOnTheWay = (target: S3Target): Trouble =>
  new Trouble('broken', `${target.host} stored other bytes than were sent.`, {
    next: 'It is tried again. When it comes back, this server or the way to it damages data.',
    passing: true,
  });

/** Where the server encrypts with keys of its own, the tag is no digest of the bytes; then `Content-MD5` alone must do. */
function checkTag(target: S3Target, answer: Response, digest: string): void {
  const tag = answer.headers.get('etag')?.replaceAll('"', '').toLowerCase() ?? '';
  const encrypted = [...answer.headers.keys()].some((name) => name.startsWith('x-amz-server-side-encryption'));
  if (/^[0-9a-f]{32}$/.test(tag) && tag !== digest && !encrypted) throw changedOnTheWay(target);
}

function contentRange(answer: Response): { from: number; total: number } | null {
  const found = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(answer.headers.get('content-range') ?? '');
  return found ? { from: Number(found[1]), total: Number(found[2]) } : null;
}

/** Take the asked range out of an answer, whole objects of servers that know no ranges among them. */
async function fill(target: S3Target, answer: Response, offset: number, into: Uint8Array): Promise<boolean> {
  const range = contentRange(answer);
  if (answer.status === 206 && (range === null || range.from !== offset)) {
    await answer.body?.cancel();
    throw nonsense(target);
  }
  let skip = answer.status === 206 ? 0 : offset;
  let got = 0;
  for await (const piece of bodyOf(target, answer)) {
    const from = Math.min(skip, piece.length);
    skip -= from;
    const take = Math.min(piece.length - from, into.length - got);
    into.set(piece.subarray(from, from + take), got);
    got += take;
    if (got === into.length) return true;
  }
  // A range that ends with its object is short by right; anything else broke off.
  if (range !== null && range.total >= offset + into.length) {
    throw new Trouble('silent', `${target.host} cut the connection.`);
  }
  return false;
}

/** Null: longer than `most`. */
async function whole(target: S3Target, answer: Response, most: number): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bodyOf(target, answer)) {
    length += piece.length;
    if (length > most) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function* bodyOf(target: S3Target, answer: Response): AsyncGenerator<Uint8Array> {
  if (!answer.body) return;
  try {
    yield* answer.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw troubleOf(target, error);
  }
}
