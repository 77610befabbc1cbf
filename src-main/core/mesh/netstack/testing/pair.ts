import { parseAddress } from '../ip/address.ts';
import { NetStack, type StackOptions } from '../stack.ts';
import { LinkDirection, type LinkModel } from './link.ts';
import { Dice } from './random.ts';
import { VirtualClock } from './virtual-clock.ts';

export function address(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`${text} is no address`);
  return bytes;
}

export const addressA = address('400:a::1');
export const addressB = address('500:b::2');

export interface Pair {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly a: NetStack;
  readonly b: NetStack;
  readonly ab: LinkDirection;
  readonly ba: LinkDirection;
}

/** Two hosts and a link between them, all from one seed and in virtual time. */
export function createPair(
  seed: number,
  link: Partial<LinkModel> = {},
  options: Partial<StackOptions> = {},
  optionsB: Partial<StackOptions> = options,
): Pair {
  const clock = new VirtualClock();
  const dice = new Dice(seed);
  const random = (n: number): Uint8Array => dice.bytes(n);
  const ends: { a?: NetStack; b?: NetStack } = {};
  const toA = (packet: Uint8Array): void => ends.a?.input([packet]);
  const toB = (packet: Uint8Array): void => ends.b?.input([packet]);
  const ab = new LinkDirection(link, clock, dice, toB, toA);
  const ba = new LinkDirection(link, clock, dice, toA, toB);
  const shared = { clock, random, mtu: 1400 };
  const a = new NetStack({ ...shared, address: addressA, output: (packet) => ab.send(packet), ...options });
  const b = new NetStack({ ...shared, address: addressB, output: (packet) => ba.send(packet), ...optionsB });
  ends.a = a;
  ends.b = b;
  return { clock, dice, a, b, ab, ba };
}
