import { crcOf } from '../zdb-server/layout/crc.ts';

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), begun with all ones and inverted at the end, which 0-db leaves out. It finds accidents, and
 * nobody's intent.
 *
 * @returns 0..2^32-1
 */
export const crc32c = (bytes: Uint8Array): number => ~crcOf(bytes, 0xffffffff) >>> 0;
