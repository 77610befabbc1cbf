import { fail } from '#shared/rpc/fail.ts';

/** How to reach a place in an S3 bucket: plain data, as it is stored. */
export interface S3Options {
  /** `https://HOST[:PORT][/PATH]`; the bucket is put into the path. */
  readonly endpoint: string;
  /** Empty: `auto`. */
  readonly region: string;
  readonly bucket: string;
  /** Where in the bucket the place is, `backups/hypha`; empty for the top. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Target {
  /** With the bucket, without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const wrong = (message: string, next: string) => fail('BAD_INPUT', message, { next });
const control = /\p{Cc}/u;
/** S3 signs these in a listing's address in another way than its address is usually written; servers then refuse it. */
const unsignable = /[!'()*]/;

/** Check what a person gave. @throws BAD_INPUT, with what is wrong about it */
export function readS3Options(options: S3Options): S3Target {
  const endpoint = readEndpoint(options.endpoint);
  const bucket = options.bucket.trim();
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw wrong(
      `“${bucket}” is not the name of a bucket.`,
      'A bucket’s name has 3 or more letters, digits, dots and dashes.',
    );
  }
  const region = options.region.trim() || 'auto';
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(region)) {
    throw wrong(
      `“${region}” is not the name of a region.`,
      'Leave it empty, or use the one your provider names, like eu-central-1.',
    );
  }
  const accessKeyId = options.accessKeyId.trim();
  const secretAccessKey = options.secretAccessKey.trim();
  if (!/^[\x21-\x7e]{1,256}$/.test(accessKeyId) || accessKeyId.includes('/') || accessKeyId.includes(',')) {
    throw wrong('The access key is not one.', 'Copy the access key id once more from your provider.');
  }
  if (!/^[\x21-\x7e]{1,1024}$/.test(secretAccessKey)) {
    throw wrong('The secret key is not one.', 'Copy the secret access key once more from your provider.');
  }
  return {
    url: `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}/${bucket}`,
    host: endpoint.hostname,
    region,
    bucket,
    prefix: readPrefix(options.prefix),
    accessKeyId,
    secretAccessKey,
  };
}

function readEndpoint(text: string): URL {
  const next = 'Give it as https://HOST, with a port if it has one. The bucket goes into its own field.';
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw wrong(`“${trimmed}” is not the address of an S3 server.`, next);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw wrong('The address of an S3 server has no user, question mark or hash in it.', next);
  }
  return url;
}

function readPrefix(text: string): string {
  const levels = text.split('/').filter((level) => level !== '');
  if (levels.length === 0) return '';
  const next = 'Use plain names with slashes between them, like backups/hypha.';
  const bad = levels.find(
    (level) =>
      level === '.' || level === '..' || control.test(level) || unsignable.test(level) || !level.isWellFormed(),
  );
  if (bad !== undefined) {
    throw wrong(`“${bad}” cannot be part of a place’s path in a bucket: no dots alone and none of ! ' ( ) *.`, next);
  }
  const prefix = `${levels.join('/')}/`;
  // An object's name has at most 1,024 bytes; ours need about 60 of them.
  if (Buffer.byteLength(prefix) > 900) throw wrong('The path in the bucket is too long.', 'Use one below 900 bytes.');
  return prefix;
}
