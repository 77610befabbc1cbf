/*
 * Sequence numbers (RFC 9293 section 3.4) wrap at 2^32 on the wire only. Inside, a position in a stream is an ordinary number
 * that starts at the initial sequence number and never wraps (2^53 bytes are years at any speed), so that everything above
 * compares positions with < and no module can get modular arithmetic wrong. They meet the wire in these two functions.
 */

/** The 32 bits that stand for a position on the wire. */
export const toWire = (position: number): number => position >>> 0;

/** The position that 32 bits from the wire mean: of all it could be, the one nearest to `near` (within 2^31). */
export const fromWire = (wire: number, near: number): number => near + ((wire - (near >>> 0)) | 0);

/** How far timestamp `a` is after `b`: both 32 bits, compared as signed (RFC 7323 section 5.2). */
export const timestampAfter = (a: number, b: number): number => (a - b) | 0;
