import { itemNameSchema } from '#shared/contract/vault.ts';
import { noBody } from '../body.ts';
import { badRequest, conflict, DavError, noSuch } from '../dav-error.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions, mayChange } from '../guard.ts';
import { readDepth, readOverwrite } from '../headers.ts';
import { bin, copyTo, makeFolder, moveTo } from '../ops.ts';
import { isWithin, parseAddress, samePath } from '../paths.ts';
import { replyEmpty } from '../reply.ts';
import { type Spot, spotOf } from '../view.ts';

/* Methods that change which names there are: MKCOL, DELETE, MOVE, COPY. */

const isRoot = (path: readonly string[]): boolean => path.length === 0;
const forbidden = (what: string): DavError => new DavError(403, what);
const checkName = (name: string): void => {
  if (!itemNameSchema.safeParse(name).success) throw forbidden('The vault cannot hold this name.');
};

export async function mkcol(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  const spot = spotOf(disk.session.tree, path);
  if (spot.exists) throw new DavError(405, 'There is something of this name already.');
  noBody(request);
  if (spot.parent === undefined) throw conflict();
  checkName(spot.name);
  conditions(disk, exchange, spot);
  mayChange(disk, exchange, path, { members: true, all: false });
  await makeFolder(disk, spot.parent, spot.name);
  replyEmpty(response, 201);
}

/** Into the bin: what is deleted by a slip of the mouse on a disk can be brought back here. */
export async function remove(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  const spot = spotOf(disk.session.tree, path);
  if (isRoot(path)) throw forbidden('The vault itself cannot be deleted here.');
  if (!spot.node) throw noSuch();
  if (spot.children && readDepth(request.headers.depth as string | undefined, 'infinity') !== 'infinity') {
    throw badRequest('A folder is deleted with all that it holds: Depth is infinity.');
  }
  conditions(disk, exchange, spot);
  mayChange(disk, exchange, path, { members: true, all: true });
  bin(disk, spot.node);
  disk.locks.forget(path);
  replyEmpty(response, 204);
}

interface Target {
  readonly source: Spot;
  readonly target: Spot;
}

function readTarget(disk: Disk, exchange: Exchange, verb: 'copy' | 'move'): Target {
  const { request, path } = exchange;
  const { headers } = request;
  const { tree } = disk.session;
  const destination = headers.destination;
  if (typeof destination !== 'string') throw badRequest('Destination says where to.');
  const to = parseAddress(destination, disk.hosts);
  if (to === 'elsewhere') throw new DavError(502, 'It cannot go to another server.');
  if (to === 'wrong') throw badRequest('Destination is no address of this disk.');
  if (to === null || to === 'outside') throw forbidden('It cannot lie outside the vault.');
  const overwrite = readOverwrite(headers.overwrite as string | undefined);
  if (overwrite === null) throw badRequest('Overwrite is T or F.');
  const source = spotOf(tree, path);
  if (!source.exists) throw noSuch();
  const target = spotOf(tree, to);
  if (isRoot(path) || isRoot(to))
    throw forbidden(`The vault itself cannot be ${verb === 'copy' ? 'copied' : 'moved'} here.`);
  const itself = samePath(path, to) || (source.node !== null && source.node === target.node);
  // One that only changes how the same name is written, as from small to capital letters elsewhere, is a move of its own.
  if (itself && (verb === 'copy' || source.name === nameIn(to))) throw forbidden('It lies there already.');
  if (!itself && isWithin(to, path) && source.children) throw forbidden('A folder cannot go into itself.');
  if (!itself && isWithin(path, to)) throw forbidden('It lies in what it would take the place of.');
  if (target.parent === undefined) throw conflict();
  checkName(target.name);
  conditions(disk, exchange, source);
  if (target.exists && !overwrite) throw new DavError(412, 'There is something of this name already.');
  mayChange(disk, exchange, to, { members: !target.exists, all: target.exists });
  return { source, target };
}
const nameIn = (path: readonly string[]): string => path.at(-1) ?? '';

export async function move(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  if (readDepth(request.headers.depth as string | undefined, 'infinity') !== 'infinity') {
    throw badRequest('A folder is moved with all that it holds: Depth is infinity.');
  }
  const { source, target } = readTarget(disk, exchange, 'move');
  mayChange(disk, exchange, path, { members: true, all: true });
  if (!source.node) throw noSuch();
  const old = target.node === source.node ? null : target.node;
  const name = old ? old.name : nameIn(target.path).normalize('NFC');
  moveTo(disk, source.node, target.parent ?? null, name, old);
  // Locks stay behind, and are gone with what they were on (RFC 4918, 7.6); a lock on the place it goes to stays there.
  disk.locks.forget(path);
  replyEmpty(response, target.exists ? 204 : 201);
}

export async function copy(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const depth = readDepth(request.headers.depth as string | undefined, 'infinity');
  if (depth === null || depth === '1') throw badRequest('Depth is 0 or infinity.');
  const { source, target } = readTarget(disk, exchange, 'copy');
  if (!source.node) throw noSuch();
  await copyTo(disk, source.node, target.parent ?? null, target.name, target.node, depth === 'infinity');
  replyEmpty(response, target.exists ? 204 : 201);
}
