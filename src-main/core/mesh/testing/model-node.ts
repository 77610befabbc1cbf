import { addressOf } from '../identity/address.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import type { Effect, Forwarding, PeerId } from '../router/effects.ts';
import { createRouter, type Router } from '../router/router.ts';
import { type Prefix, subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';
import type { Dice } from './dice.ts';

/** A node of the model network: the router that ships, and a forwarding table. */
export interface ModelNode {
  readonly index: number;
  /** Stays through restarts, as the subnet does. */
  readonly publicKey: Uint8Array;
  readonly subnet: Prefix;
  self: NodeIdentity;
  router: Router;
  /** By prefix key; what is unknown is not in it. */
  readonly table: Map<string, Forwarding>;
  /** Routes that the model's traffic used. */
  readonly used: Set<string>;
  /** When a call of `advance` is on its way. */
  wakeAt: number;
  /** Until then the computer sleeps: nothing runs, nothing is heard. */
  asleepUntil: number;
}

export function createModelNode(index: number, dice: Dice, now: number): ModelNode {
  // Routing derives nothing from the secret, so that the model needs none: any 32 bytes are a public key.
  const publicKey = dice.bytes(32);
  const used = new Set<string>();
  const self = identity(publicKey, dice);
  return {
    index,
    publicKey,
    subnet: self.subnet,
    self,
    router: createRouter({ self, now, takeUsed: (prefix) => used.delete(prefix.key) }),
    table: new Map(),
    used,
    wakeAt: Number.POSITIVE_INFINITY,
    asleepUntil: 0,
  };
}

/** As after a crash: the key stays, everything else is gone. */
export function restartModelNode(node: ModelNode, dice: Dice, now: number): void {
  node.self = identity(node.publicKey, dice);
  node.used.clear();
  node.table.clear();
  node.router = createRouter({ self: node.self, now, takeUsed: (prefix) => node.used.delete(prefix.key) });
  node.wakeAt = Number.POSITIVE_INFINITY;
}

function identity(publicKey: Uint8Array, dice: Dice): NodeIdentity {
  const address = addressOf(publicKey);
  return {
    secret: new Uint8Array(32),
    publicKey,
    address,
    subnet: subnetOf(address),
    routerId: createRouterId(publicKey, dice.bytes(6)),
  };
}

export type SendEffect = Extract<Effect, { type: 'send' }>;

/** One end of a link, as its node names it. */
export interface LinkEnd {
  readonly node: ModelNode;
  readonly peer: PeerId;
}
