import { toHex } from '#core/crypto/encoding.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { Delivery, Undelivered } from '../../forward/ports.ts';
import type { Message } from '../../messages/message-stack.ts';
import { createTopicRules } from '../../messages/topics.ts';
import { createMeshNode, type MeshNode } from '../../node/mesh-node.ts';
import { createMessaging, type Messaging } from '../../node/messaging.ts';
import { createTcpTransport } from '../../node/tcp-transport.ts';
import { realTime } from '../../time/real-time.ts';
import type { SessionTimes } from '../constants.ts';
import { opportunistic, type SessionPolicy } from '../policy.ts';
import { routedKey } from '../routed-key.ts';
import { createSecureLayer, type SecureLayer } from '../secure-layer.ts';

/** A real node on loopback with sessions on it, and lists of what happened to it. */
export interface SecureNode {
  readonly node: MeshNode;
  readonly layer: SecureLayer;
  readonly messaging: Messaging;
  /** IPv6 packets. */
  readonly got: Delivery[];
  readonly messages: Message[];
  readonly lost: Undelivered[];
  readonly port: number;
  stop(): Promise<void>;
}

export async function startSecureNode(
  options: {
    policy?: SessionPolicy;
    times?: Partial<SessionTimes>;
    secret?: Uint8Array;
    /** For IPv6 packets instead of the list. */
    ipv6?: (packet: Uint8Array) => void;
  } = {},
): Promise<SecureNode> {
  const got: Delivery[] = [];
  const messages: Message[] = [];
  const lost: Undelivered[] = [];
  const shared = {
    random: systemRandom,
    ...realTime,
  };
  const node = createMeshNode({
    ...shared,
    secret: options.secret ?? systemRandom(32),
    log: silentLog,
    transport: createTcpTransport(),
    deliver: (delivery) => layer.receive(delivery),
    session: (delivery) => layer.receiveSession(delivery),
    undelivered: (packet) => layer.lost(packet),
  });
  const layer = createSecureLayer({
    ...shared,
    self: node.self,
    policy: options.policy ?? opportunistic,
    times: options.times,
    send: (type, destination, payload, sendOptions) => node.send(type, destination, payload, sendOptions),
    keyOf: (address) => routedKey(node.router, address),
    undelivered: (packet) => lost.push(packet),
    deliver(delivery) {
      if (delivery.type === 'message') messaging.receive(delivery);
      else if (options.ipv6 !== undefined) options.ipv6(delivery.payload);
      else got.push(delivery);
    },
  });
  const messaging = createMessaging({
    ...shared,
    topics: createTopicRules(true),
    send: (destination, payload) => void layer.send('message', destination, payload),
    deliver: (message) => messages.push(message) > 0,
  });
  const port = await node.listen('127.0.0.1', 0);
  const stop = async (): Promise<void> => {
    messaging.stop();
    layer.stop();
    await node.stop();
  };
  return { node, layer, messaging, got, messages, lost, port, stop };
}

/** A session with this peer is in use. */
export function hasSession(at: SecureNode, peer: MeshNode): boolean {
  const key = toHex(peer.self.publicKey);
  return at.layer.status().some(({ publicKey, state }) => state === 'established' && toHex(publicKey) === key);
}
