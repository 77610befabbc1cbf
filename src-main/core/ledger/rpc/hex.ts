import { badParam } from './failure.ts';

/* How JSON-RPC writes bytes and numbers: https://ethereum.github.io/execution-apis, "Hex value encoding". */

export const quantity = (value: number | bigint): string => `0x${value.toString(16)}`;
export const data = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** @throws RpcFailure */
export function bytesOf(value: unknown, what: string, length?: number): Uint8Array {
  if (typeof value !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(value)) throw badParam(`${what} is not bytes in hex`);
  const bytes = Buffer.from(value.slice(2), 'hex');
  if (length !== undefined && bytes.length !== length) throw badParam(`${what} does not have ${length} bytes`);
  return bytes;
}

/** @throws RpcFailure */
export function numberOf(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value))
    throw badParam(`${what} is not a number in hex`);
  return BigInt(value);
}

/** @throws RpcFailure */
export function smallNumberOf(value: unknown, what: string): number {
  const number = numberOf(value, what);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw badParam(`${what} is too large`);
  return Number(number);
}

/** @throws RpcFailure */
export function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badParam(`${what} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}
