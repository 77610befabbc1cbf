import { checksumAddress, isAddress } from 'viem';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';

/**
 * An address with its checksum (EIP-55).
 *
 * @throws Fail ADDRESS_WRONG where letters are written large and small and not as its checksum wants: a digit was mistyped or changed
 */
export function checked(address: string): EvmAddress {
  const digits = address.slice(2);
  const mixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (mixed && !isAddress(address))
    throw fail('ADDRESS_WRONG', `The checksum of the address ${address} is wrong.`, {
      meaning: 'A digit of it was mistyped or changed. Nothing was sent.',
      next: 'Get the address again from whoever it belongs to.',
    });
  return checksumAddress(address.toLowerCase() as `0x${string}`) as EvmAddress;
}

/** Digits at both ends that people compare, and that somebody with a graphics card makes alike in minutes. */
const each = 3;
const both = 8;

/** Whether an address was made to be mistaken for another: both ends alike, and yet not the same. */
export function looksLike(a: string, b: string): boolean {
  const [x, y] = [a.slice(2).toLowerCase(), b.slice(2).toLowerCase()];
  if (x === y) return false;
  let head = 0;
  while (x[head] === y[head]) head += 1;
  let tail = 0;
  while (x[x.length - 1 - tail] === y[y.length - 1 - tail]) tail += 1;
  return head >= each && tail >= each && head + tail >= both;
}

/** Where nobody can get anything from again: nobody’s address, and those that are known to burn. */
export const isNobody = (address: string): boolean => /^0x0{39}[0-9a-f]$|^0x0{36}dead$|^0x(?:dead){10}$/i.test(address);
