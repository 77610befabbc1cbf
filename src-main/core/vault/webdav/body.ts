import type { IncomingMessage } from 'node:http';
import { badRequest, DavError } from './dav-error.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** The largest XML body. Real ones have a few hundred bytes. */
const mostXml = 128 * 1024;

/**
 * The XML that came with a request; null for an empty body.
 *
 * @throws DavError 400, 413, 415
 */
export async function xmlBody(request: IncomingMessage): Promise<XmlElement | null> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new DavError(415, 'Send the body as it is, without compression.');
  const pieces: Buffer[] = [];
  let size = 0;
  // Left open on the way out, so that the refusal can still be told.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostXml) throw new DavError(413, 'The request is too large.');
    pieces.push(piece);
  }
  if (size === 0) return null;
  const bytes = Buffer.concat(pieces);
  const type = request.headers['content-type'] ?? '';
  const wide = (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0xff && bytes[1] === 0xfe);
  if (wide || /charset\s*=\s*"?utf-16/i.test(type)) throw new DavError(415, 'Send XML in UTF-8.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
  const root = parseXml(text);
  if (!root) throw badRequest('The body is not XML that this server takes.');
  return root;
}

/** @throws DavError 415 when there is a body */
export function noBody(request: IncomingMessage): void {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > 0 || request.headers['transfer-encoding'] !== undefined) {
    throw new DavError(415, 'This takes no body.');
  }
}
