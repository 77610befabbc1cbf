import { itemNameSchema } from '#shared/contract/vault.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { commitOne, newItemId } from '../../commit.ts';
import { createPipe } from '../../service/uploads.ts';
import type { Ingested } from '../../store/ingest.ts';
import { manifestFits } from '../../store/publish.ts';
import type { Node } from '../../tree.ts';
import { badRequest, conflict, DavError } from '../dav-error.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions, mayChange } from '../guard.ts';
import { dropEmpty } from '../ops.ts';
import { replyEmpty } from '../reply.ts';
import { modifiedOf, type Spot, spotOf, tagOf } from '../view.ts';

/**
 * A file, whole and durable, or as it was before: what comes is stored beside the old one, which gives way (to the bin)
 * only when all of it is there. A connection that ends early changes nothing.
 */
export async function put(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const { headers } = request;
  if (headers['content-range'] !== undefined) throw badRequest('A file is written whole, not in part.');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new DavError(415, 'Send the file as it is.');
  mayPut(disk, exchange);
  // Whoever waits its turn is silent by our fault.
  request.socket.setTimeout(0);
  const lane = await disk.lanes.take();
  request.socket.setTimeout(disk.silence);
  let done: Ingested | null = null;
  try {
    exchange.signal.throwIfAborted();
    exchange.goOn();
    done = await receive(disk, exchange);
    // The places may take their time; only the client's own silence counts.
    request.socket.setTimeout(0);
    if (!manifestFits(done.file.chunks.length, disk.session.vault)) {
      throw new DavError(413, 'It is larger than this vault’s places can describe (about 200 GB with 4+2).');
    }
    disk.session.ingest.flush();
    await done.stored;
    exchange.signal.throwIfAborted();
    // Much may have happened while it came.
    const spot = mayPut(disk, exchange);
    const node = await show(disk, spot, done, modifiedBySender(exchange) ?? disk.core.deps.host.now());
    const told: Record<string, string> = modifiedBySender(exchange) === null ? {} : { 'X-OC-MTime': 'accepted' };
    replyEmpty(response, spot.exists ? 204 : 201, {
      ETag: tagOf(disk.session, node) ?? '""',
      'Last-Modified': new Date(modifiedOf(node)).toUTCString(),
      ...told,
    });
  } finally {
    done?.release();
    disk.lanes.give(lane);
    request.socket.setTimeout(disk.silence);
  }
}

function mayPut(disk: Disk, exchange: Exchange): Spot {
  const spot = spotOf(disk.session.tree, exchange.path);
  if (spot.children) throw new DavError(405, 'This is a folder.');
  if (spot.parent === undefined) throw conflict();
  if (!itemNameSchema.safeParse(spot.name).success) throw new DavError(403, 'The vault cannot hold this name.');
  conditions(disk, exchange, spot);
  mayChange(disk, exchange, exchange.path, { members: !spot.exists, all: false });
  return spot;
}

/** Take the body in. At most a few MiB of it wait in memory; the sender waits for the places. */
async function receive({ session }: Disk, { request, signal }: Exchange): Promise<Ingested> {
  const pipe = createPipe();
  const length = request.headers['content-length'];
  // Of a length that is not told beforehand, as much as need be.
  const expected = length === undefined ? Number.MAX_SAFE_INTEGER : Number(length);
  const ingested = session.ingest.file(
    expected,
    () => pipe.source,
    () => {},
    session.signal,
  );
  // Whatever goes wrong there, the sender is told at its next piece.
  ingested.catch((error: unknown) => pipe.fail(error));
  const gone = (): void => pipe.fail(signal.reason);
  signal.addEventListener('abort', gone, { once: true });
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      await pipe.push(piece);
    }
    signal.throwIfAborted();
    if (!request.complete) throw new DavError(400, 'The file did not come whole.');
    pipe.end();
    return await ingested;
  } catch (error) {
    pipe.fail(error);
    ingested.then((done) => done.release()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', gone);
  }
}

async function show(disk: Disk, spot: Spot, { file }: Ingested, modified: number): Promise<Node> {
  const { core, session } = disk;
  const old = spot.node;
  const id = newItemId(core);
  if (old) disk.dead.copy([{ from: old.id, to: id }]);
  const entry = { id, parent: spot.parent ?? null, name: spot.name, modified, clash: 'replace', stored: file } as const;
  const node = await commitOne(core, session, entry).catch((error: unknown) => {
    throw isFail(error, 'NOT_FOUND') ? conflict() : error;
  });
  if (!node) throw conflict();
  if (old) dropEmpty(disk, old);
  return node;
}

/** Seconds since 1970, as many clients that copy say the time of a file (ownCloud's header). Milliseconds; null for none. */
function modifiedBySender({ request }: Exchange): number | null {
  const said = request.headers['x-oc-mtime'];
  if (typeof said !== 'string' || !/^\d{1,11}(\.\d{1,9})?$/.test(said)) return null;
  return Math.floor(Number(said) * 1000);
}
