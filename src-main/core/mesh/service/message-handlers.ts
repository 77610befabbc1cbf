import type { Handlers } from '#core/broker/handlers.ts';
import {
  type HttpApi as HttpApiView,
  type MessageId,
  type meshMessagesContract,
  messagePartBytes,
} from '#shared/contract/mesh/index.ts';
import { contactMark } from '#shared/model/firewall-rule.ts';
import { fail } from '#shared/rpc/fail.ts';
import { subnetOf } from '../wire/prefix.ts';
import type { HttpApiSwitch } from './http-api-switch.ts';
import type { Post } from './post.ts';
import type { Targets } from './targets.ts';
import type { TopicList } from './topic-list.ts';

export interface MessageHandlerParts {
  readonly post: Post;
  readonly topics: TopicList;
  readonly targets: Targets;
  readonly api: HttpApiSwitch;
  readonly strangers: () => boolean;
  /** @throws Fail LOCKED */
  readonly unlocked: () => void;
  readonly changed: () => void;
}

const day = 86_400_000;

export function createMessageHandlers(parts: MessageHandlerParts): Handlers<typeof meshMessagesContract> {
  const { post, topics, targets, api, unlocked } = parts;
  /** All devices of whoever is meant; an answer is for who asked, on the device that asked before all. */
  const whom = (to: string, replyTo: MessageId | undefined) => {
    const best = targets.address(to);
    const asked = replyTo === undefined ? null : post.answered(replyTo, targets.addresses(to)).source;
    const contact = asked === null ? targets.contactOf(to) : targets.contactAt(asked);
    const all = contact === null ? targets.addresses(to) : targets.addresses(`${contactMark}${contact}`);
    const { key } = subnetOf(asked ?? best);
    const others = all.filter((address) => subnetOf(address).key !== key);
    return { to: [asked ?? best, ...others] as const, contact };
  };
  const rules = () => ({ strangers: parts.strangers(), topics: topics.all() });
  const apiView = (): HttpApiView => api.view();
  return {
    'mesh.messages': (wanted) => {
      unlocked();
      const { topic, before, after } = wanted;
      return { ...post.list({ ...wanted, topic, before, after }), unread: post.unread() };
    },
    'mesh.message': ({ id, at }) => {
      unlocked();
      const { message, data } = post.read(id);
      if (at > data.length) {
        throw fail('BAD_INPUT', `That message has ${data.length} bytes, and none at ${at}.`, {
          next: 'Begin at 0, or where an earlier part said that the next one begins.',
        });
      }
      const end = Math.min(data.length, at + messagePartBytes);
      // A copy: a view would take the whole message along.
      const part = at === 0 && end === data.length ? data : data.slice(at, end);
      return { message, data: part, next: end === data.length ? null : end };
    },
    'mesh.markRead': ({ ids }) => {
      unlocked();
      const marked = post.markRead(ids);
      if (marked > 0) parts.changed();
      return { marked };
    },
    'mesh.send': ({ to, text, topic, replyTo, days }) => {
      unlocked();
      const message = post.send({ ...whom(to, replyTo), text, topic, replyTo, ttl: days * day });
      parts.changed();
      return { message };
    },
    'mesh.deleteMessage': ({ id }) => {
      unlocked();
      post.remove(id);
      parts.changed();
      return {};
    },
    'mesh.topics': rules,
    'mesh.setTopic': ({ topic, allow }, context) => {
      unlocked();
      const before = topics.set(topic, allow);
      context.undo('mesh.setTopic', { topic, allow: before ?? ['default'] });
      parts.changed();
      return rules();
    },
    'mesh.httpApi': apiView,
    'mesh.setHttpApi': async ({ on, topics: allowed, port }, context) => {
      unlocked();
      if (on && allowed.length === 0) {
        throw fail('BAD_INPUT', 'Name at least one topic that programs may use.', { meaning: 'Nothing was changed.' });
      }
      const before = api.stored();
      await api.set({ on, topics: allowed, port });
      context.undo('mesh.setHttpApi', before);
      parts.changed();
      return apiView();
    },
  };
}
