import { hmacSha256 } from '#core/crypto/hash.ts';
import { u32 } from '../ip/bytes.ts';
import type { Path } from './tcb.ts';

/**
 * Numbers that an outsider cannot guess and that still grow for each pair of endpoints: ISN = M + F(endpoints, secret), M a clock of 4
 * microseconds (RFC 6528 section 3). The timestamp clock's start comes from the same hash (RFC 7323 section 7.1).
 * @param secret at least 16 random bytes, made once a stack.
 */
export function initialNumbers(secret: Uint8Array, path: Path, now: number): { iss: number; timestampOffset: number } {
  const ports = Uint8Array.of(path.localPort >>> 8, path.localPort, path.remotePort >>> 8, path.remotePort);
  const hash = hmacSha256(secret, path.localAddress, path.remoteAddress, ports);
  const clock = Math.floor(now * 250) % 2 ** 32;
  return { iss: (u32(hash, 0) + clock) >>> 0, timestampOffset: u32(hash, 4) };
}
