import { expect, it } from 'vitest';
import { freeNow } from './free.ts';

it('gives back what is large, also by a small view of it', () => {
  const whole = new Uint8Array(64 * 1024);
  freeNow(whole);
  expect(whole.length).toBe(0);
  // As zlib answers: a few bytes at the front of the buffer it was given room in.
  const view = new Uint8Array(new ArrayBuffer(2 * 1024 * 1024), 0, 100);
  freeNow(view);
  expect(view.length).toBe(0);
  freeNow(view);
});

it('leaves alone what others may share or the collector copes with', () => {
  const small = new Uint8Array(100);
  const pooled = new Uint8Array(new ArrayBuffer(64 * 1024), 512, 1000);
  const shared = new Uint8Array(new SharedArrayBuffer(1024 * 1024));
  for (const bytes of [small, pooled, shared]) {
    const { length } = bytes;
    freeNow(bytes);
    expect(bytes.length).toBe(length);
  }
});
