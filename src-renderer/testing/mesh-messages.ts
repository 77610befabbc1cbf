import type { AgentContract } from '#shared/contract/agent.ts';
import { type HttpApi, type MeshMessage, messageSchema } from '#shared/contract/mesh/index.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import type { Answers } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { addressOf } from './mesh-samples.ts';
import { moment } from './samples.ts';

const message = (n: number, more: Partial<MeshMessage>): MeshMessage => ({
  ...messageSchema.parse({
    id: n.toString(16).padStart(16, '0'),
    box: 'in',
    address: addressOf(n),
    name: null,
    topic: '',
    text: 'Are you there?',
    size: 14,
    at: moment - n * 5_400_000,
    state: 'read',
    devices: null,
    replyTo: null,
  }),
  ...more,
});

export const someMessages: MeshMessage[] = [
  message(1, {
    name: 'ann',
    state: 'new',
    text: 'The drawings for the engine are in the attic. Shall I bring them on Sunday, or do you come by and take them yourself?',
    size: 118,
  }),
  message(2, { name: 'attic', topic: 'backup', state: 'new', text: 'Done: 1,204 files, nothing missing.', size: 36 }),
  message(3, {
    box: 'out',
    name: 'ben',
    state: 'received',
    devices: { all: 2, received: 1 },
    text: 'Thank you, that worked.',
  }),
  message(4, { box: 'out', name: 'old laptop', state: 'waiting', text: 'Write when you are back.' }),
  message(5, { text: null, size: 48_211, topic: 'pictures' }),
  message(6, { box: 'out', state: 'expired', text: 'Is this still your address?' }),
  message(7, { name: 'ben', text: 'See you tomorrow.', replyTo: someId(3) }),
];

function someId(n: number): MeshMessage['id'] {
  return n.toString(16).padStart(16, '0') as MeshMessage['id'];
}

/** Messages as the real agent keeps them, as far as the pages ask. */
export function playMessages(
  first: readonly MeshMessage[],
  emit: (topic: AgentEvent['topic']) => void,
): Answers<AgentContract> {
  let messages = [...first];
  let topics = [{ topic: 'backup', allow: ['attic.hypha'] }];
  let api: HttpApi = { on: false, port: null, topics: [], detail: '' };
  const rules = () => ({ strangers: false, topics });
  return {
    'mesh.messages': ({ box, limit }) => ({
      messages: messages.filter((one) => box === 'all' || one.box === box).slice(0, limit),
      unread: messages.filter((one) => one.state === 'new').length,
      next: null,
    }),
    'mesh.message': ({ id }) => {
      const found = messages.find((one) => one.id === id);
      if (!found) throw fail('NOT_FOUND', 'There is no such message.');
      const data = found.text === null ? new Uint8Array([0, 255, 254]) : new TextEncoder().encode(found.text);
      return { message: found, data, next: null };
    },
    'mesh.markRead': ({ ids }) => {
      messages = messages.map((one) => (ids.includes(one.id) && one.state === 'new' ? { ...one, state: 'read' } : one));
      emit('mesh');
      return { marked: ids.length };
    },
    'mesh.send': ({ to, text, topic, replyTo = null }) => {
      const sent = message(100 + messages.length, {
        box: 'out',
        name: to.includes(':') ? null : to,
        topic,
        text,
        size: text.length,
        at: moment,
        state: 'waiting',
        replyTo,
      });
      messages = [sent, ...messages];
      emit('mesh');
      return { message: sent };
    },
    'mesh.deleteMessage': ({ id }) => {
      messages = messages.filter((one) => one.id !== id);
      emit('mesh');
      return {};
    },
    'mesh.topics': rules,
    'mesh.setTopic': ({ topic, allow }) => {
      topics = topics.filter((one) => one.topic !== topic);
      if (allow[0] !== 'default') topics = [...topics, { topic, allow }];
      emit('mesh');
      return rules();
    },
    'mesh.httpApi': () => api,
    'mesh.setHttpApi': ({ on, port, topics: passing }) => {
      api = { on, port: on ? port : null, topics: passing, detail: '' };
      emit('mesh');
      return api;
    },
  };
}
