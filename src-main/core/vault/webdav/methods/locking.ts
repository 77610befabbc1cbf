import { randomUuid } from '#core/crypto/ids.ts';
import { itemNameSchema } from '#shared/contract/vault.ts';
import { xmlBody } from '../body.ts';
import { badRequest, conflict, DavError } from '../dav-error.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions, mayChange } from '../guard.ts';
import { readCodedUrl, readDepth, readTimeout } from '../headers.ts';
import type { Lock } from '../locks.ts';
import { makeEmptyFile } from '../ops.ts';
import { hrefOf } from '../paths.ts';
import { activeLock } from '../properties.ts';
import { replyEmpty, replyXml, xmlHead } from '../reply.ts';
import { spotOf } from '../view.ts';
import { child, dav, writeXml } from '../xml.ts';

/** The longest owner that is kept. */
const mostOwner = 4096;

export async function lock(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, path } = exchange;
  const body = await xmlBody(request);
  const seconds = readTimeout(request.headers.timeout as string | undefined);
  if (body === null) return refresh(disk, exchange, seconds);
  const depth = readDepth(request.headers.depth as string | undefined, 'infinity');
  if (depth === null || depth === '1') throw badRequest('Depth is 0 or infinity.');
  if (body.ns !== dav || body.name !== 'lockinfo') throw badRequest('This is no lockinfo element.');
  const scopes = child(body, 'lockscope');
  const exclusive = scopes && child(scopes, 'exclusive');
  const shared = scopes && child(scopes, 'shared');
  const type = child(body, 'locktype');
  if (!type || !child(type, 'write') || (exclusive ? 1 : 0) + (shared ? 1 : 0) !== 1) {
    throw badRequest('Only exclusive and shared write locks are given.');
  }
  const said = child(body, 'owner');
  const owner = said ? writeXml(said) : '';
  if (owner.length > mostOwner) throw badRequest('The owner is too long.');

  const spot = spotOf(disk.session.tree, path);
  if (!spot.exists && spot.parent === undefined) throw conflict();
  if (!spot.exists && !itemNameSchema.safeParse(spot.name).success) {
    throw new DavError(403, 'The vault cannot hold this name.');
  }
  conditions(disk, exchange, spot);
  // A name that is not there yet becomes an empty file (RFC 4918, 7.3): its folder must not be locked by others.
  if (!spot.exists) mayChange(disk, exchange, path.slice(0, -1), { members: false, all: false });
  const taken = disk.locks.take({
    token: `urn:uuid:${randomUuid(disk.core.deps.host.random)}`,
    path,
    depth,
    scope: exclusive ? 'exclusive' : 'shared',
    owner,
    seconds,
  });
  if (taken === null) throw new DavError(503, 'There are too many locks.');
  if (!('token' in taken)) {
    const hrefs = taken.map((one) => `<D:href>${hrefOf(one.path, false)}</D:href>`).join('');
    throw new DavError(423, 'Another program has locked this.', 'no-conflicting-lock', hrefs);
  }
  try {
    if (!spot.exists) await makeEmptyFile(disk, spot.parent ?? null, spot.name);
  } catch (error) {
    disk.locks.release(taken.token, path);
    throw error;
  }
  answer(disk, exchange, taken, spot.exists ? 200 : 201, { 'Lock-Token': `<${taken.token}>` });
}

function refresh(disk: Disk, exchange: Exchange, seconds: number): void {
  const { path, tokens } = exchange;
  if (tokens.size !== 1) throw badRequest('To refresh a lock, name its token in If and send no body.');
  conditions(disk, exchange, spotOf(disk.session.tree, path));
  const [token = ''] = tokens;
  const longer = disk.locks.refresh(token, path, seconds);
  if (!longer) throw new DavError(412, 'There is no such lock here.', 'lock-token-matches-request-uri');
  answer(disk, exchange, longer, 200, {});
}

function answer(disk: Disk, { response }: Exchange, held: Lock, status: number, headers: Record<string, string>): void {
  const now = disk.core.deps.host.now();
  const inner = `<D:lockdiscovery>${activeLock(held, now)}</D:lockdiscovery>`;
  replyXml(response, status, `${xmlHead}<D:prop xmlns:D="DAV:">${inner}</D:prop>\n`, headers);
}

export function unlock(disk: Disk, exchange: Exchange): void {
  const token = readCodedUrl(exchange.request.headers['lock-token'] as string | undefined);
  if (token === null) throw badRequest('Lock-Token names the lock.');
  conditions(disk, exchange, spotOf(disk.session.tree, exchange.path));
  if (!disk.locks.release(token, exchange.path)) {
    throw new DavError(409, 'There is no such lock here.', 'lock-token-matches-request-uri');
  }
  replyEmpty(exchange.response, 204);
}
