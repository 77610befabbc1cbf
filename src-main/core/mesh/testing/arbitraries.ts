import fc from 'fast-check';
import { addressOf } from '../identity/address.ts';
import type { ControlMessage } from '../wire/control.ts';
import { type Prefix, prefixOf, subnetOf } from '../wire/prefix.ts';
import { createRouterId, type RouterId, routerIdOf } from '../wire/router-id.ts';

export const bytes = (n: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: n, maxLength: n });
export const u8 = fc.nat(0xff);
export const u16 = fc.nat(0xffff);

export const anyPrefix: fc.Arbitrary<Prefix> = fc
  .tuple(bytes(16), fc.nat(128))
  .map(([b, length]) => prefixOf(b, length));
export const anyRouterId: fc.Arbitrary<RouterId> = bytes(40).map((b) => routerIdOf(b));

/** A subnet that belongs to the key in the router id, as the acceptance filter wants. */
export const ownedSubnet: fc.Arbitrary<{ prefix: Prefix; routerId: RouterId }> = fc
  .tuple(bytes(32), bytes(6))
  .map(([key, random]) => ({ prefix: subnetOf(addressOf(key)), routerId: createRouterId(key, random) }));

export const anyControl: fc.Arbitrary<ControlMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), seqno: u16, interval: u16 }),
  fc.record({ type: fc.constant('ihu' as const), rxCost: u16, interval: u16 }),
  fc.record({
    type: fc.constant('update' as const),
    prefix: anyPrefix,
    interval: u16,
    seqno: u16,
    metric: u16,
    routerId: anyRouterId,
  }),
  fc.record({
    type: fc.constant('route-request' as const),
    generation: u8,
    prefix: fc.option(anyPrefix),
  }),
  fc.record({
    type: fc.constant('seqno-request' as const),
    prefix: anyPrefix,
    seqno: u16,
    hops: fc.integer({ min: 1, max: 255 }),
    routerId: anyRouterId,
  }),
);
