import { type IcmpKind, icmpError, ipv6HeaderBytes, maxQuoteBytes } from './icmpv6.ts';

/*
 * Out-of-band ICMP: a router cannot read the packet it could not carry, so it hands the sender its own ciphertext back. The
 * payload of user type 2:
 *
 *    0  16  destination of the packet that was not carried
 *   16  40  IPv6 header: from the router, to the sender, hop limit 64, next header 58
 *   56   8  ICMPv6 header: no route (1/0) or hop limit exceeded (3/0)
 *   64   -  body of the packet, whole; nothing when it was longer than 1,232 bytes
 *
 * It is sealed for the sender and routed like any packet.
 * Source: Mycelium v0.7.10 (docs/formats/mesh.md).
 */

const headBytes = 16 + ipv6HeaderBytes + 8;
const maxPayloadBytes = headBytes + maxQuoteBytes;

/**
 * @param router the router's address as others see it: its subnet with host bits zero
 * @param sender where the packet came from
 * @param destination where it was to go
 * @param body the sealed body, as it was carried
 */
export function encodeOutOfBand(
  kind: IcmpKind,
  router: Uint8Array,
  sender: Uint8Array,
  destination: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const error = icmpError(kind, router, sender, 64, body.length > maxQuoteBytes ? new Uint8Array(0) : body);
  const out = new Uint8Array(16 + error.length);
  out.set(destination);
  out.set(error, 16);
  return out;
}

/** What a router tells us about a packet of ours. */
export interface OutOfBand {
  readonly kind: IcmpKind;
  /** Where our packet was to go; its key opens `body`. */
  readonly destination: Uint8Array;
  /** Our own sealed body, possibly empty. */
  readonly body: Uint8Array;
}

/** @returns null when the payload has another shape */
export function decodeOutOfBand(payload: Uint8Array): OutOfBand | null {
  if (payload.length < headBytes || payload.length > maxPayloadBytes) return null;
  return {
    kind: { type: payload[56] as number, code: payload[57] as number },
    destination: payload.subarray(0, 16),
    body: payload.subarray(headBytes),
  };
}
