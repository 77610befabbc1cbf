/**
 * What is sealed in a data packet: four bytes, then the payload.
 *
 *   0  1  version, 1; others are dropped
 *   1  1  type: 0 IPv6 packet, 1 message fragment, 2 ICMP from a router, 72 ('H') a session of two Hypha nodes, which the
 *         daemon does not know; others are dropped, silently
 *   2  2  reserved: 0, ignored
 */
export const userHeaderBytes = 4;
export const userVersion = 1;

export type UserType = 'ipv6' | 'message' | 'icmp' | 'session';

const numbers: Readonly<Record<UserType, number>> = { ipv6: 0, message: 1, icmp: 2, session: 72 };
const types: ReadonlyMap<number, UserType> = new Map(
  (Object.keys(numbers) as UserType[]).map((type) => [numbers[type], type]),
);

export function putUserHeader(target: Uint8Array, at: number, type: UserType): void {
  target[at] = userVersion;
  target[at + 1] = numbers[type];
  target[at + 2] = 0;
  target[at + 3] = 0;
}

/** @returns the type and a view of the payload, or null for what must be dropped */
export function decodeUserData(plain: Uint8Array): { type: UserType; payload: Uint8Array } | null {
  if (plain.length < userHeaderBytes || plain[0] !== userVersion) return null;
  const type = types.get(plain[1] as number);
  return type === undefined ? null : { type, payload: plain.subarray(userHeaderBytes) };
}
