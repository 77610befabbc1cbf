import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { systemRandom } from '#core/crypto/random.ts';
import { type Bench, openBench, testContext } from '../../testing/harness.ts';
import { plainlyOf } from '../door-server.ts';
import { type Answer, type Asking, decodeAnswer, encodeAsking } from '../format/asking.ts';
import { callKeys, openAnswer, sealQuestion } from '../format/call.ts';
import { readLetter, type ShareLetter } from '../format/letter.ts';
import type { SharePeople } from '../ports.ts';
import type { Plainly } from '../serve.ts';
import { somebody } from './somebody.ts';

type Offer = Extract<ShareLetter, { what: 'offer' }>;
export type State = ReturnType<SharePeople['about']>['state'];

export const ann = somebody(1, 'a');
export const ben = somebody(2, 'b');
/** Ben's id as a contact of Ann's. */
export const contact = 'ben';

/** Ann's vault and its doors, real; who people are and the mesh between them, made up. Whoever asks is what Ben's Hypha might be, or worse. */
export async function openOwner(): Promise<Owner> {
  const letters: ShareLetter[] = [];
  const listeners = new Set<() => void>();
  let state: State = 'known';
  let epoch = 0;
  const doors = new Map<number, number>();
  let offers = 0;
  const people: SharePeople = {
    find: () => contact,
    about: () => ({ name: 'Ben', verified: true, state }),
    keys: () => (state === 'known' ? { ...ben.known, epoch } : null),
    self: () => ann.own,
    ofDevice: () => null,
    onChange(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
  };
  const bench = await openBench({
    sharing: {
      people,
      letters: {
        send(_, bytes) {
          const letter = readLetter(bytes, ann.known, ben.own);
          if (letter === null) throw new Error('a letter that Ben cannot read');
          letters.push(letter);
        },
        onLetter: () => () => {},
      },
      ways: {
        async offer(localPort, port) {
          doors.set(port, localPort);
          return { id: `offer ${++offers}`, port };
        },
        async withdraw() {},
        async open() {
          throw new Error('Ann asks nobody');
        },
      },
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const last = (): Offer => {
    const offer = letters.findLast(({ what }) => what === 'offer');
    if (offer?.what !== 'offer') throw new Error('nothing was offered');
    return offer;
  };
  return {
    bench,
    letters,
    last,
    async ask(asking, offer = last()) {
      const keys = callKeys(offer.key, offer.share);
      const question = sealQuestion(keys, offer.share, offer.generation, encodeAsking(asking), systemRandom);
      const { status, body } = await new Promise<{ status: number; body: Uint8Array }>((resolve, reject) => {
        const headers = { 'content-length': question.length };
        const port = doors.get(offer.port) ?? 0;
        const asked = request({ host: '127.0.0.1', port, method: 'POST', agent, headers }, (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => void pieces.push(piece));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: new Uint8Array(Buffer.concat(pieces)) }),
          );
        });
        asked.on('error', reject);
        asked.end(question);
      });
      if (status !== 200) return plainlyOf(status) ?? status;
      const plain = openAnswer(keys, question, body);
      const answer = plain && decodeAnswer(plain);
      if (answer === null) throw new Error('an answer that Ben cannot read');
      return answer;
    },
    async together(askings, offer) {
      const keys = callKeys(offer.key, offer.share);
      const asked = askings.map((asking, i) => {
        const question = sealQuestion(keys, offer.share, offer.generation, encodeAsking(asking), systemRandom);
        const end = i + 1 === askings.length ? 'close' : 'keep-alive';
        const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: ${end}\r\nContent-Length: ${question.length}\r\n\r\n`;
        return Buffer.concat([Buffer.from(head), question]);
      });
      const socket = connect(doors.get(offer.port) ?? 0, '127.0.0.1');
      socket.resume();
      socket.write(Buffer.concat(asked));
      await once(socket, 'close');
    },
    async share(item, more = {}) {
      const input = { item, contact, access: 'write', unverified: true, room: 1024 ** 3, ...more } as const;
      await bench.vault.handlers['vault.share'](input as never, testContext());
      return last();
    },
    shares: () => bench.vault.handlers['vault.shares']({ ended: true }, testContext()),
    meet(next, rotated = false) {
      state = next;
      if (rotated) epoch++;
      for (const changed of listeners) changed();
    },
    async close() {
      agent.destroy();
      await bench.close();
    },
  };
}

export interface Owner {
  readonly bench: Bench;
  /** All that Ben was written, oldest first. */
  readonly letters: readonly ShareLetter[];
  /** The newest offer. */
  last(): Offer;
  /** As Ben's device would, with the key of an offer (the newest unless another is given). */
  ask(asking: Asking, offer?: Offer): Promise<Answer | Plainly | number>;
  /** All at once, in one piece on one connection; resolves when all were answered. */
  together(askings: readonly Asking[], offer: Offer): Promise<void>;
  /** Share with Ben, for reading and writing. */
  share(item: string, more?: Record<string, unknown>): Promise<Offer>;
  shares(): ReturnType<Bench['vault']['handlers']['vault.shares']>;
  /** What Ben is to Ann from now on; `rotated`: with other keys. */
  meet(state: State, rotated?: boolean): void;
  close(): Promise<void>;
}
