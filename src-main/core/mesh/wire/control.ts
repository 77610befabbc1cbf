import { putU16, u16 } from './big-endian.ts';
import { decodeHello, encodeHello, type Hello, helloType } from './hello.ts';
import { decodeIhu, encodeIhu, type Ihu, ihuType } from './ihu.ts';
import { babelMagic, babelVersion, controlHeaderBytes, controlType, packetVersion } from './packet.ts';
import { decodeRouteRequest, encodeRouteRequest, type RouteRequest, routeRequestType } from './route-request.ts';
import { decodeSeqnoRequest, encodeSeqnoRequest, type SeqnoRequest, seqnoRequestType } from './seqno-request.ts';
import { decodeUpdate, encodeUpdate, type Update, updateType } from './update.ts';

export type ControlMessage = Hello | Ihu | Update | RouteRequest | SeqnoRequest;

/*
 * TLVs in the body of a control packet, as in RFC 8966 section 4.3 but without Pad1, sub-TLVs and a trailer, and with other
 * bodies for Update, RouteRequest and SeqnoRequest:
 *
 *   0  1  type
 *   1  1  length of the body
 *   2  -  body
 *
 * We send one TLV a packet and exact sizes: the daemon's decoder reads fields by position, so anything else would
 * desynchronise its stream. We read by the lengths given, loop over several TLVs, and skip what we do not know.
 */

/** A whole control packet that holds this message. */
export function encodeControl(message: ControlMessage): Uint8Array {
  const body = encodeBody(message);
  const out = new Uint8Array(controlHeaderBytes + 2 + body.length);
  out[0] = packetVersion;
  out[1] = controlType;
  out[4] = babelMagic;
  out[5] = babelVersion;
  putU16(out, 6, body.length + 2);
  out[8] = typeOf[message.type];
  out[9] = body.length;
  out.set(body, 10);
  return out;
}

/**
 * The messages in a whole control packet, in order. TLVs that are unknown, cut short or senseless are left out; a packet
 * with another magic or version has none.
 */
export function decodeControl(bytes: Uint8Array): ControlMessage[] {
  const messages: ControlMessage[] = [];
  if (bytes.length < controlHeaderBytes || bytes[0] !== packetVersion || bytes[1] !== controlType) return messages;
  if (bytes[4] !== babelMagic || bytes[5] !== babelVersion) return messages;
  const end = Math.min(bytes.length, controlHeaderBytes + u16(bytes, 6));
  for (let at = controlHeaderBytes; at + 2 <= end; ) {
    const length = bytes[at + 1] as number;
    const next = at + 2 + length;
    if (next > end) break;
    const message = decoders[bytes[at] as number]?.(bytes.subarray(at + 2, next));
    if (message != null) messages.push(message);
    at = next;
  }
  return messages;
}

const typeOf: Readonly<Record<ControlMessage['type'], number>> = {
  hello: helloType,
  ihu: ihuType,
  update: updateType,
  'route-request': routeRequestType,
  'seqno-request': seqnoRequestType,
};

const decoders: Readonly<Record<number, (body: Uint8Array) => ControlMessage | null>> = {
  [helloType]: decodeHello,
  [ihuType]: decodeIhu,
  [updateType]: decodeUpdate,
  [routeRequestType]: decodeRouteRequest,
  [seqnoRequestType]: decodeSeqnoRequest,
};

function encodeBody(message: ControlMessage): Uint8Array {
  switch (message.type) {
    case 'hello':
      return encodeHello(message);
    case 'ihu':
      return encodeIhu(message);
    case 'update':
      return encodeUpdate(message);
    case 'route-request':
      return encodeRouteRequest(message);
    case 'seqno-request':
      return encodeSeqnoRequest(message);
  }
}
