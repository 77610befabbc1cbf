import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { Delivery, Undelivered } from '../forward/ports.ts';
import type { Message } from '../messages/message-stack.ts';
import { createTopicRules, type TopicRules } from '../messages/topics.ts';
import { createMeshNode, type MeshNode } from '../node/mesh-node.ts';
import { createMessaging, type Messaging } from '../node/messaging.ts';
import type { PlaceLimits } from '../node/places.ts';
import { createTcpTransport } from '../node/tcp-transport.ts';
import type { Transport } from '../node/transport.ts';
import { realTime } from '../time/real-time.ts';

/** A real node on loopback, with a new key and its own lists of what happened to it. */
export interface TestNode {
  readonly node: MeshNode;
  readonly messaging: Messaging;
  readonly topics: TopicRules;
  /** IPv6 packets. */
  readonly got: Delivery[];
  readonly messages: Message[];
  readonly lost: Undelivered[];
  readonly port: number;
  stop(): Promise<void>;
}

export async function startTestNode(
  options: { maxInbound?: number; places?: Partial<PlaceLimits>; sharedReads?: boolean; transport?: Transport } = {},
): Promise<TestNode> {
  const got: Delivery[] = [];
  const messages: Message[] = [];
  const lost: Undelivered[] = [];
  const topics = createTopicRules(true);
  const shared = {
    random: systemRandom,
    ...realTime,
  };
  const node = createMeshNode({
    ...shared,
    secret: systemRandom(32),
    log: silentLog,
    deliver(delivery) {
      if (delivery.type === 'message') messaging.receive(delivery);
      else got.push(delivery);
    },
    undelivered: (packet) => lost.push(packet),
    maxInbound: options.maxInbound,
    places: options.places,
    transport: options.transport ?? createTcpTransport(options.sharedReads === false ? null : undefined),
  });
  const messaging = createMessaging({
    ...shared,
    topics,
    send: (destination, payload) => void node.send('message', destination, payload),
    deliver: (message) => messages.push(message) > 0,
  });
  const port = await node.listen('127.0.0.1', 0);
  const stop = async (): Promise<void> => {
    messaging.stop();
    await node.stop();
  };
  return { node, messaging, topics, got, messages, lost, port, stop };
}

/** An ICMPv6 echo request, as a host's IP stack would make it; its sum is left out, which only a real stack would check. */
export function echoRequest(source: Uint8Array, destination: Uint8Array, size = 56): Uint8Array {
  const packet = new Uint8Array(48 + size).fill(0xab);
  packet.set([0x60, 0, 0, 0, (8 + size) >> 8, (8 + size) & 255, 58, 64]);
  packet.set(source, 8);
  packet.set(destination, 24);
  packet.set([128, 0, 0, 0, 0, 1, 0, 1], 40);
  return packet;
}

/** Resolves when the fact holds; the test's own timeout is the limit. */
export async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await fact())) await new Promise((done) => setTimeout(done, 2));
}
