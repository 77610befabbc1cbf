import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { md5Hex } from '#core/crypto/md5.ts';
import { digestSecret, isPassword, realm, userName } from './password.ts';

/** Challenges of Digest are good for so long; then the client is told to take a new one, and asks nobody for it. */
const nonceMs = 30 * 60_000;
/** Wrong passwords in a row that are answered at once; after that each is held for a second. */
const freeTries = 10;
const triesBackMs = 6_000;

export interface AuthRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly url: string;
  readonly authorization: string | undefined;
}
/** `stale`: the right password with an old challenge. `wrong`: a password came and is not the right one. */
export type AuthResult = 'in' | 'none' | 'stale' | 'wrong';

/**
 * HTTP Digest and Basic (RFC 7616, RFC 7617) for one name. Digest, because Windows sends Basic over TLS only unless its
 * registry is changed, and macOS warns of it; Basic, for whatever knows no Digest: on loopback neither is overheard by others.
 */
export function createAuth(verifier: Uint8Array, host: { now(): number; random(n: number): Uint8Array }) {
  const key = host.random(32);
  const secret = digestSecret(verifier);
  let tries = freeTries;
  let counted = host.now();

  /** Time and its tag: nothing need be remembered of the challenges that are out. */
  const nonceAt = (at: number): string => {
    const time = at.toString(36);
    const tag = hmacSha256(key, new TextEncoder().encode(time)).subarray(0, 18);
    return `${time}.${Buffer.from(tag).toString('base64url')}`;
  };
  const ageOf = (nonce: string): number | null => {
    const at = Number.parseInt(nonce.split('.')[0] ?? '', 36);
    if (!Number.isSafeInteger(at) || !same(nonceAt(at), nonce)) return null;
    return host.now() - at;
  };

  // A response may come again as long as its challenge is good: who could overhear one on loopback could overhear all the rest.
  const digest = ({ method, url }: AuthRequest, text: string): AuthResult => {
    const given = readDigest(text);
    if (!given) return 'wrong';
    const { username, realm: theirs, nonce, uri, response, qop, nc, cnonce, algorithm } = given;
    if (username !== userName || theirs !== realm || !nonce || !uri || !response) return 'wrong';
    if (algorithm !== undefined && algorithm.toUpperCase() !== 'MD5') return 'wrong';
    if (qop !== 'auth' || !nc || !cnonce) return 'wrong';
    // Some clients name the whole address, some the path as they would have written it.
    if (!sameTarget(uri, url)) return 'wrong';
    const right = md5Hex([secret, nonce, nc, cnonce, qop, md5Hex(`${method}:${uri}`)].join(':'));
    if (!same(right, response.toLowerCase())) return 'wrong';
    const age = ageOf(nonce);
    return age !== null && age >= 0 && age < nonceMs ? 'in' : 'stale';
  };

  const basic = (text: string): AuthResult => {
    const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(text.trim(), 'base64').toString('utf8')) ?? [];
    return password !== undefined && isPassword(verifier, password) ? 'in' : 'wrong';
  };

  return {
    check(request: AuthRequest): AuthResult {
      const [, scheme = '', rest = ''] = /^(\S+)\s+(.*)$/s.exec(request.authorization?.trim() ?? '') ?? [];
      if (/^digest$/i.test(scheme)) return digest(request, rest);
      if (/^basic$/i.test(scheme)) return basic(rest);
      return request.authorization === undefined ? 'none' : 'wrong';
    },
    /** Values of `WWW-Authenticate`, the better one first. */
    challenges(stale: boolean): string[] {
      const nonce = nonceAt(host.now());
      return [
        `Digest realm="${realm}", qop="auth", algorithm=MD5, nonce="${nonce}"${stale ? ', stale=true' : ''}`,
        `Basic realm="${realm}", charset="UTF-8"`,
      ];
    },
    /** A wrong password came. @returns how long its answer is to wait (ms) */
    wrong(): number {
      const now = host.now();
      tries = Math.min(freeTries, tries + Math.max(0, now - counted) / triesBackMs);
      counted = now;
      if (tries >= 1) {
        tries--;
        return 0;
      }
      return 1_000;
    },
  };
}
export type Auth = ReturnType<typeof createAuth>;

const same = (a: string, b: string): boolean => equalBytes(Buffer.from(a), Buffer.from(b));

function sameTarget(uri: string, url: string): boolean {
  if (uri === url) return true;
  const path = (address: string): string | undefined => {
    const whole = /^https?:\/\/[^/]*(\/.*)?$/i.exec(address);
    try {
      return decodeURIComponent(whole ? (whole[1] ?? '/') : address);
    } catch {
      return undefined;
    }
  };
  const wanted = path(url);
  return wanted !== undefined && path(uri) === wanted;
}

/** `name=value` and `name="value"`, separated by commas (RFC 9110, 11.4); null for anything else. One pass. */
export function readDigest(text: string): Partial<Record<string, string>> | null {
  const out: Record<string, string> = Object.create(null);
  const part = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y;
  let count = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (!match || ++count > 32) return null;
    const [, name = '', quoted, plain] = match;
    const key = name.toLowerCase();
    if (key in out) return null;
    out[key] = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1');
  }
  return count === 0 ? null : out;
}
