import { badRequest, DavError } from './dav-error.ts';
import type { Disk, Exchange } from './exchange.ts';
import { readTags, readTime } from './headers.ts';
import { holds } from './if-header.ts';
import { hrefOf, parseAddress } from './paths.ts';
import { modifiedOf, type Spot, spotOf, tagOf } from './view.ts';

const failed = (what: string): DavError => new DavError(412, `${what} does not hold.`);

/**
 * The conditions of HTTP and of WebDAV that a request names, held against what is there now.
 *
 * @returns `unmodified` when a reader has it already @throws DavError 412, 400
 */
export function conditions(disk: Disk, exchange: Exchange, spot: Spot): 'go' | 'unmodified' {
  const { headers, method } = exchange.request;
  const reads = method === 'GET' || method === 'HEAD';
  const tag = tagOf(disk.session, spot.node);
  const modified = spot.node ? modifiedOf(spot.node) : null;

  const match = headers['if-match'];
  if (match !== undefined) {
    const tags = readTags(match);
    if (tags === null) throw badRequest('If-Match is not well-formed.');
    if (tags === '*' ? !spot.exists : tag === null || !tags.includes(tag)) throw failed('If-Match');
  } else if (headers['if-unmodified-since'] !== undefined) {
    const at = readTime(headers['if-unmodified-since']);
    if (at !== null && modified !== null && modified > at) throw failed('If-Unmodified-Since');
  }

  checkIf(disk, exchange);

  const none = headers['if-none-match'];
  if (none !== undefined) {
    const tags = readTags(none);
    if (tags === null) throw badRequest('If-None-Match is not well-formed.');
    if (tags === '*' ? spot.exists : tag !== null && tags.includes(tag)) {
      if (reads) return 'unmodified';
      throw failed('If-None-Match');
    }
  } else if (reads) {
    const at = readTime(headers['if-modified-since']);
    if (at !== null && modified !== null && modified <= at) return 'unmodified';
  }
  return 'go';
}

function checkIf(disk: Disk, { lists, path }: Exchange): void {
  if (lists.length === 0) return;
  const named = (resource: string | null): readonly string[] | null => {
    if (resource === null) return path;
    const there = parseAddress(resource, disk.hosts);
    return typeof there === 'string' ? null : there;
  };
  const met = holds(lists, {
    tag(resource) {
      const there = named(resource);
      return there === null ? null : tagOf(disk.session, spotOf(disk.session.tree, there).node);
    },
    locked(resource, token) {
      const there = named(resource);
      return there !== null && disk.locks.covering(there).some((lock) => lock.token === token);
    },
  });
  if (!met) throw failed('If');
}

/** @throws DavError 423 when a lock keeps the change off, whose token was not named */
export function mayChange(
  { locks }: Disk,
  { tokens }: Exchange,
  path: readonly string[],
  change: { members: boolean; all: boolean },
): void {
  const [lock] = locks.against(path, tokens, change);
  if (!lock) return;
  const href = `<D:href>${hrefOf(lock.path, false)}</D:href>`;
  throw new DavError(423, 'Another program has locked this.', 'lock-token-submitted', href);
}
