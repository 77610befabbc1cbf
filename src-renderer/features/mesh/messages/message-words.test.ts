import { expect, it } from 'vitest';
import { type MeshMessage, messageSchema } from '#shared/contract/mesh/index.ts';
import { english } from '#shared/i18n/index.ts';
import { someMessages } from '../../../testing/mesh-messages.ts';
import { byteLength, isOnSome, messageTone, textOf } from './message-words.ts';

it('reads text as text and leaves everything else alone', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(textOf(bytes('Grüße, 🍄\nSecond line'))).toBe('Grüße, 🍄\nSecond line');
  expect(textOf(new Uint8Array())).toBe('');
  expect(textOf(new Uint8Array([0xff, 0xfe, 0x41]))).toBeNull();
  expect(textOf(bytes('PNG\u0000\u0001'))).toBeNull();
  expect(byteLength('🍄')).toBe(4);
});

it('has a word and a shape for whatever becomes of a message', () => {
  const states = messageSchema.shape.state.options;
  expect(Object.keys(messageTone).toSorted()).toEqual(states.toSorted());
  expect(Object.keys(english.mesh.messages.states).toSorted()).toEqual(states.toSorted());
});

it('tells of a letter that arrived on some of their devices only', () => {
  const [first] = someMessages;
  if (!first) throw new Error('There is a message.');
  const said = (state: MeshMessage['state'], received: number, all: number) =>
    isOnSome({ ...first, box: 'out', state, devices: { all, received } });
  expect([said('received', 1, 2), said('seen', 1, 2)]).toEqual([true, true]);
  expect([said('received', 2, 2), said('received', 1, 1), said('waiting', 0, 2), said('expired', 0, 2)]).toEqual(
    new Array(4).fill(false),
  );
  expect(isOnSome({ ...first, devices: null })).toBe(false);
});
