import { freeNow } from '#core/crypto/free.ts';
import { readFile } from '../../service/read.ts';
import type { Node } from '../../tree.ts';
import { DavError, noSuch } from '../dav-error.ts';
import type { Disk, Exchange } from '../exchange.ts';
import { conditions } from '../guard.ts';
import { readRange, readTags, readTime } from '../headers.ts';
import { typeOf } from '../properties.ts';
import { flushPiece, replyEmpty } from '../reply.ts';
import { modifiedOf, spotOf, tagOf } from '../view.ts';

export async function get(disk: Disk, exchange: Exchange): Promise<void> {
  const { request, response, path, method, signal } = exchange;
  const { session } = disk;
  const spot = spotOf(session.tree, path);
  if (!spot.exists) throw noSuch();
  const { node } = spot;
  const going = conditions(disk, exchange, spot);
  if (node?.kind !== 'file') {
    const text = 'This folder of your vault is for file managers: connect to this address as a network drive.\n';
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': text.length });
    response.end(method === 'HEAD' ? undefined : text);
    return;
  }
  const tag = tagOf(session, node) ?? '""';
  const common = { ETag: tag, 'Last-Modified': new Date(modifiedOf(node)).toUTCString(), 'Accept-Ranges': 'bytes' };
  if (going === 'unmodified') {
    response.writeHead(304, common).end();
    return;
  }
  const headers = { ...common, 'Content-Type': typeOf(node.mime) };
  const range = method === 'GET' ? rangeOf(request.headers, node, tag) : 'whole';
  if (range === 'none') {
    replyEmpty(response, 416, { ...common, 'Content-Range': `bytes */${node.size}` });
    return;
  }
  const { from, to } = range === 'whole' ? { from: 0, to: node.size } : range;
  const length = to - from;
  const part = range === 'whole' ? {} : { 'Content-Range': `bytes ${from}-${to - 1}/${node.size}` };
  const head = { ...headers, ...part, 'Content-Length': length };
  const status = range === 'whole' ? 200 : 206;
  if (method === 'HEAD' || length === 0) {
    response.writeHead(status, head).end();
    return;
  }
  // The first piece before the head: what cannot be read is said so, not broken off.
  let begun = false;
  let before: Uint8Array | null = null;
  for await (const piece of readFile(session, node.id, from, length, signal)) {
    if (!begun) response.writeHead(status, head);
    begun = true;
    // Pieces of one chunk lie in one buffer, which is nobody else's.
    if (before && before.buffer !== piece.buffer) freeNow(before);
    await flushPiece(response, piece, signal);
    before = piece;
  }
  if (before) freeNow(before);
  signal.throwIfAborted();
  if (!begun) throw new DavError(502, 'This file cannot be read now.');
  response.end();
}

/** `If-Range`: in part only when it is still the same (RFC 9110, 13.1.5). */
function rangeOf(headers: Exchange['request']['headers'], node: Node, tag: string) {
  const condition = headers['if-range'];
  if (typeof condition === 'string') {
    const tags = condition.startsWith('W/') ? null : readTags(condition);
    const same = Array.isArray(tags) ? tags[0] === tag : readTime(condition) === modifiedOf(node);
    if (!same) return 'whole';
  }
  return readRange(headers.range, node.size);
}
