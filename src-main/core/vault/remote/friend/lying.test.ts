import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { encodePlaceIdentity } from '../../format/place-identity.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { realClock } from '../testing/real-clock.ts';
import { createFriendBackend } from './backend.ts';
import { createFrameReader } from './wire/frames.ts';
import { type Answer, decodeQuestion, encodeAnswer, type Question } from './wire/messages.ts';

/* A contact's Hypha that speaks the protocol and lies. */

const ends: Duplex[] = [];
let backend: RemoteBackend | null = null;
afterEach(async () => {
  await backend?.close();
  for (const end of ends.splice(0)) end.destroy();
});

/** Answers by these; `null` for what is answered never. */
function keeper(answer: (question: Question, say: (answer: Answer) => void) => void): RemoteBackend {
  backend = createFriendBackend(
    {
      friend: 'Ann',
      grant: 'ab'.repeat(16),
      secret: 'cd'.repeat(32),
      async dial() {
        const [here, there] = duplexPair();
        ends.push(here, there);
        const reader = createFrameReader();
        there.on('error', () => {});
        there.on('data', (chunk: Uint8Array) => {
          for (const frame of reader.push(chunk)) {
            const question = decodeQuestion(frame);
            if (question === null) throw new Error('a question that makes no sense');
            const say = (said: Answer): void =>
              void (there.destroyed || there.write(encodeAnswer(frame.request, said)));
            if (question.kind === 'open') say({ kind: 'done' });
            else answer(question, say);
          }
        });
        return here;
      },
    },
    'mesh',
    realClock,
    { waits: [] },
  );
  return backend;
}

it('that goes on with pages of no names for ever is not listened to for ever', async () => {
  let pages = 0;
  const ann = keeper((question, say) => {
    if (question.kind !== 'list') return;
    const page = (): void => {
      if (++pages > 1000) return;
      say({ kind: 'names', more: true, names: [] });
      setImmediate(page);
    };
    page();
  });
  await expect(ann.store.list('c')).rejects.toMatchObject({ message: expect.stringContaining('makes no sense') });
  expect(pages).toBeLessThan(100);
});

it('that says its room ends after all days there are is told of in words all the same', async () => {
  const mark = Buffer.from(
    encodePlaceIdentity({
      vault: 'ab'.repeat(16),
      place: 'p',
      check: '01'.repeat(16),
      k: 2,
      m: 1,
      created: 1,
    } as never),
  );
  const ann = keeper((question, say) => {
    if (question.kind === 'room') say({ kind: 'room', bytes: 9, used: 0, free: 9, until: Number.MAX_SAFE_INTEGER });
    else if (question.kind === 'mark') say({ kind: 'bytes', bytes: mark });
  });
  await ann.inspect();
  expect(ann.notice?.()?.text).toContain('needs the room back');
});

it('that answers another question than was asked, or names of elsewhere, is not believed', async () => {
  const ann = keeper((question, say) => {
    if (question.kind === 'list') say({ kind: 'names', more: false, names: ['p/00000/x'] });
    else if (question.kind === 'size') say({ kind: 'done' });
    else if (question.kind === 'read') say({ kind: 'bytes', bytes: new Uint8Array(question.length + 1) });
  });
  const name = `c/${'ab'.repeat(16)}.00`;
  await expect(ann.store.list('c')).rejects.toThrow();
  await expect(ann.store.size(name)).rejects.toThrow();
  await expect(ann.store.read(name, 0, new Uint8Array(10))).rejects.toThrow();
});
