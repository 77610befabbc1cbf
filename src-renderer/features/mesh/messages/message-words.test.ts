import { expect, it } from 'vitest';
import { messageSchema } from '#shared/contract/mesh/index.ts';
import { english } from '#shared/i18n/index.ts';
import { byteLength, messageTone, textOf } from './message-words.ts';

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
