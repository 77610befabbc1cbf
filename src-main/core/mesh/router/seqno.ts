/** Whether seqno `a` is newer than `b`, modulo 2^16 (RFC 8966 section 3.2.1). Exactly half way round neither is. */
export function isNewer(a: number, b: number): boolean {
  const ahead = (a - b) & 0xffff;
  return ahead >= 1 && ahead <= 0x7fff;
}

export function nextSeqno(seqno: number): number {
  return (seqno + 1) & 0xffff;
}
