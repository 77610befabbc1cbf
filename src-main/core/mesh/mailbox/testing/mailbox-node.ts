import { systemRandom } from '#core/crypto/random.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createTopicRules, type TopicRules } from '../../messages/topics.ts';
import { createMeshNode, type MeshNode } from '../../node/mesh-node.ts';
import { createMessaging, type Messaging } from '../../node/messaging.ts';
import { createTcpTransport } from '../../node/tcp-transport.ts';
import { realTime } from '../../time/real-time.ts';
import { createMailbox, type Mailbox, mailboxMigrations } from '../index.ts';

/** A real node on loopback with a mailbox on it. */
export interface MailboxNode {
  readonly node: MeshNode;
  readonly mailbox: Mailbox;
  readonly database: Database;
  readonly topics: TopicRules;
  readonly secret: Uint8Array;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * @param options the secret and file of a node that ran before make it the same one again; what `kept` returns false for is
 * kept and not acknowledged
 */
export async function startMailboxNode(
  options: { secret?: Uint8Array; path?: string; kept?: () => boolean } = {},
): Promise<MailboxNode> {
  const secret = options.secret ?? systemRandom(32);
  const topics = createTopicRules(true);
  const shared = {
    random: systemRandom,
    ...realTime,
  };
  let messaging: Messaging | null = null;
  const node = createMeshNode({
    ...shared,
    secret,
    log: silentLog,
    transport: createTcpTransport(),
    deliver(delivery) {
      if (delivery.type === 'message') messaging?.receive(delivery);
    },
  });
  const path = options.path ?? ':memory:';
  const database = openDatabase({ path, migrations: mailboxMigrations, log: silentLog });
  const mailbox = createMailbox({
    ...shared,
    database,
    self: node.self,
    now: Date.now,
    log: silentLog,
    connect(ports) {
      messaging = createMessaging({
        ...shared,
        ...ports,
        topics,
        deliver: (message) => ports.deliver(message) && options.kept?.() !== false,
        send: (destination, payload) => void node.send('message', destination, payload),
      });
      return messaging;
    },
  });
  const port = await node.listen('127.0.0.1', 0);
  return {
    ...{ node, mailbox, database, topics, secret, port },
    async stop() {
      mailbox.stop();
      messaging?.stop();
      await node.stop();
      database.close();
    },
  };
}
