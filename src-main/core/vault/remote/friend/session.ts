import type { Duplex } from 'node:stream';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { createFrameReader } from './wire/frames.ts';
import { type Answer, decodeAnswer, encodeQuestion, type Question } from './wire/messages.ts';
import { cutTrouble, lateTrouble, oddTrouble, troubleOfRoom } from './words.ts';

interface Waiting {
  /** @returns whether more is to come */
  take(answer: Answer): boolean;
  fail(error: Trouble): void;
}

/** One connection to a contact's Hypha, on which many questions are asked at once. */
export interface Session {
  alive(): boolean;
  /** @throws Trouble; an error that the other side names is in `refusal` of {@link RoomSaid} */
  ask(question: Question): Promise<Answer>;
  /** All pages. */
  list(directory: string): Promise<string[]>;
  /** Send a piece in frames of `cut`; `sent` once all of it was handed over. */
  put(name: string, length: number, cut: Iterable<Uint8Array>, sent: () => void): Promise<void>;
  end(why: Trouble): void;
}

/** The other side said no, and why. */
export class RoomSaid extends Trouble {
  readonly error: Extract<Answer, { kind: 'error' }>['error'];
  constructor(friend: string, error: RoomSaid['error']) {
    const { kind, message, next, passing } = troubleOfRoom(friend, error);
    super(kind, message, { next, passing });
    this.error = error;
  }
}

/** So many names, and no more, are taken of one directory. */
const mostNames = 1_000_000;

/** @param stallMs while something is asked and nothing at all moves */
export function createSession(stream: Duplex, friend: string, clock: Clock, stallMs: number): Session {
  const reader = createFrameReader();
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let ended: Trouble | null = null;
  let cancelTimer = (): void => {};
  let draining: Promise<void> | null = null;

  const watch = (): void => {
    cancelTimer();
    if (ended === null && waiting.size > 0) cancelTimer = clock.setTimer(stallMs, () => end(lateTrouble(friend)));
  };
  const end = (why: Trouble): void => {
    if (ended !== null) return;
    ended = why;
    cancelTimer();
    for (const one of [...waiting.values()]) one.fail(why);
    waiting.clear();
    stream.destroy();
  };
  const add = (one: Waiting): number => {
    if (ended !== null) throw ended;
    const request = next;
    next = next === 0xffff_ffff ? 1 : next + 1;
    waiting.set(request, one);
    if (waiting.size === 1) watch();
    return request;
  };
  const write = async (frame: Uint8Array): Promise<void> => {
    if (ended !== null) throw ended;
    if (stream.write(frame)) return;
    draining ??= new Promise<void>((resolve) => {
      const done = (): void => {
        draining = null;
        stream.off('drain', done);
        stream.off('close', done);
        watch();
        resolve();
      };
      stream.once('drain', done);
      stream.once('close', done);
    });
    await draining;
    if (ended !== null) throw ended;
  };

  stream.on('error', () => {});
  stream.on('close', () => end(cutTrouble(friend)));
  stream.on('end', () => end(cutTrouble(friend)));
  stream.on('data', (chunk: Uint8Array) => {
    if (ended !== null) return;
    watch();
    try {
      for (const frame of reader.push(chunk)) {
        const answer = decodeAnswer(frame);
        const one = waiting.get(frame.request);
        if (answer === null || (one === undefined && frame.request !== 0)) return end(oddTrouble(friend));
        if (one === undefined)
          return end(answer.kind === 'error' ? new RoomSaid(friend, answer.error) : oddTrouble(friend));
        if (one.take(answer)) continue;
        waiting.delete(frame.request);
        if (waiting.size === 0) watch();
      }
    } catch {
      end(oddTrouble(friend));
    }
  });

  /** One question, and what becomes of its answers. */
  const question = (take: (answer: Answer) => 'more' | 'over' | 'odd') => {
    let request = 0;
    let settled = false;
    const answered = new Promise<void>((resolve, reject) => {
      const fail = (error: Trouble): void => {
        settled = true;
        reject(error);
      };
      request = add({
        take(answer) {
          if (answer.kind === 'error') {
            fail(new RoomSaid(friend, answer.error));
            return false;
          }
          const what = take(answer);
          if (what === 'more') return true;
          if (what === 'odd') {
            fail(oddTrouble(friend));
            end(oddTrouble(friend));
          }
          settled = true;
          resolve();
          return false;
        },
        fail,
      });
    });
    answered.catch(() => {});
    return { request, answered, settled: () => settled };
  };

  return {
    alive: () => ended === null && !stream.destroyed,
    async ask(asked) {
      let found: Answer | null = null;
      const { request, answered } = question((answer) => {
        found = answer;
        return 'over';
      });
      await write(encodeQuestion(request, asked));
      await answered;
      if (found === null) throw oddTrouble(friend);
      return found;
    },
    async list(directory) {
      const names: string[] = [];
      const { request, answered } = question((answer) => {
        if (answer.kind !== 'names' || names.length > mostNames) return 'odd';
        // Pages without a name could follow one another for ever.
        if (answer.more && answer.names.length === 0) return 'odd';
        for (const name of answer.names) {
          if (!name.startsWith(`${directory}/`)) return 'odd';
          names.push(name);
        }
        return answer.more ? 'more' : 'over';
      });
      await write(encodeQuestion(request, { kind: 'list', directory }));
      await answered;
      return names;
    },
    async put(name, length, cut, sent) {
      const { request, answered, settled } = question((answer) => (answer.kind === 'done' ? 'over' : 'odd'));
      await write(encodeQuestion(request, { kind: 'put', length, name }));
      for (const bytes of cut) {
        // Refused: the rest is of no use there.
        if (settled()) break;
        await write(encodeQuestion(request, { kind: 'data', bytes }));
      }
      if (!settled()) sent();
      await answered;
    },
    end,
  };
}
