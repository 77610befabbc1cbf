import { Agent, request } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Host } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { cancelled } from '../failures.ts';
import { pacedSlices } from '../traffic/paced-stream.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { plainlyOf } from './door-server.ts';
import { failures, refusal } from './failures.ts';
import { type Answer, type Asking, decodeAnswer, encodeAsking, messageMostBytes } from './format/asking.ts';
import { callKeys, openAnswer, sealQuestion } from './format/call.ts';
import type { SharePeople, ShareWays, Way } from './ports.ts';
import type { Taken } from './records.ts';
import type { Taking } from './taking.ts';

type Say = Answer['say'];
type Said<S extends Say> = Extract<Answer, { say: S }>;

/** The receiver's side: asks the device that a share lies on. */
export interface Remote {
  /**
   * Ask once more after a cut, for a while, so that long work goes on where it was. `fresh` is asked for the share each time: a letter
   * may have brought other terms meanwhile.
   *
   * @throws Fail NOT_REACHABLE, OWNER_LOCKED, SHARE_ENDED, SHARE_CHANGED, BAD_ANSWER and what {@link refusal} makes
   */
  ask<S extends Say>(
    fresh: () => Taken,
    asking: Asking,
    wanted: S,
    signal: AbortSignal,
    patient?: boolean,
  ): Promise<Said<S>>;
  stop(): Promise<void>;
}

export interface RemoteDeps {
  readonly host: Host;
  readonly ways: ShareWays;
  readonly people: SharePeople;
  readonly taking: Pick<Taking, 'seen'>;
  readonly traffic?: Traffic | undefined;
}

/** The first connection may have to find its way across the mesh. */
const answerMs = 45_000;
const socketsMost = 4;
/** So long is tried again after a cut, however long each try hangs: who is waited for may be away for good, or have removed us. */
const patienceMs = 2.5 * 60_000;
/** Milliseconds between tries. */
const pauses = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000];
/** Whoever looks at a page waits no longer than this for somebody who may be away. */
const impatientMs = 15_000;
/** A way that nothing went by for so long is closed. */
const idleMs = 5 * 60_000;

interface Open {
  readonly way: Promise<Way>;
  readonly agent: Agent;
  asking: number;
  cancelIdle: () => void;
}

/** Not there, or gone in the middle: worth another try. */
class Cut extends Error {}

export function createRemote({ host, ways, people, taking, traffic }: RemoteDeps): Remote {
  const open = new Map<string, Open>();
  const nameOf = (share: Taken): string => people.about(share.contact).name ?? 'its owner';
  const seen = ({ seenAt }: Taken): string =>
    seenAt === null ? 'and was never seen yet' : `and was last seen ${new Date(seenAt).toISOString().slice(0, 16)}Z`;

  const keyOf = ({ device, port }: Taken): string => `${Buffer.from(device).toString('hex')} ${port}`;
  const close = async (key: string): Promise<void> => {
    const one = open.get(key);
    open.delete(key);
    one?.cancelIdle();
    one?.agent.destroy();
    await one?.way.then((way) => way.close()).catch(() => {});
  };
  const wayTo = (share: Taken): Open => {
    const key = keyOf(share);
    const known = open.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({ keepAlive: true, maxSockets: socketsMost, timeout: answerMs });
    const one: Open = { way: ways.open(share.device, share.port), agent, asking: 0, cancelIdle: () => {} };
    one.way.catch(() => void close(key));
    open.set(key, one);
    return one;
  };

  /** @throws Cut */
  const post = async (share: Taken, body: Uint8Array, signal: AbortSignal) => {
    const one = wayTo(share);
    one.cancelIdle();
    one.asking++;
    try {
      const { localPort } = await one.way;
      return await new Promise<{ status: number; body: Uint8Array }>((resolve, reject) => {
        const asked = request({
          ...{ host: '127.0.0.1', port: localPort, method: 'POST', path: '/', agent: one.agent },
          ...{ timeout: answerMs, maxHeaderSize: 4096 },
          signal,
          headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
        });
        const cut = (why: NodeJS.ErrnoException): void => {
          // The node was started anew, and this end of the way is gone with the one before.
          if (why.code === 'ECONNREFUSED') void close(keyOf(share));
          reject(new Cut(String(why)));
        };
        asked.on('timeout', () => asked.destroy(new Error('silence')));
        asked.on('error', cut);
        asked.on('response', (response) => {
          const pieces: Buffer[] = [];
          let length = 0;
          response.on('data', (piece: Buffer) => {
            length += piece.length;
            if (length > messageMostBytes) return void response.destroy(new Error('too long'));
            pieces.push(piece);
            const turn = traffic?.down.take(piece.length);
            if (turn) {
              response.pause();
              void turn.then(() => response.resume());
            }
          });
          response.on('error', cut);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: new Uint8Array(Buffer.concat(pieces)) }),
          );
        });
        pipeline(Readable.from(pacedSlices(traffic?.up, body)), asked, () => {});
      });
    } finally {
      if (--one.asking === 0) one.cancelIdle = host.setTimer(idleMs, () => void close(keyOf(share)));
    }
  };

  const once = async (share: Taken, asking: Asking, signal: AbortSignal): Promise<Answer> => {
    const keys = callKeys(share.key, share.id);
    const question = sealQuestion(keys, share.id, share.generation, encodeAsking(asking), host.random);
    const { status, body } = await post(share, question, signal);
    if (status !== 200) {
      const plainly = plainlyOf(status);
      if (plainly === 'locked') throw failures.locked(nameOf(share));
      if (plainly === 'ended') {
        // By its owner's clock; ours only chooses the words.
        const over = share.expires !== null && share.expires <= host.now();
        throw (over ? failures.expired : failures.ended)(share.name, nameOf(share));
      }
      if (plainly === 'renewed') throw failures.renewed(share.name);
      if (status === 429) throw refusal('BUSY', share.name);
      if (plainly === 'unknown') throw failures.ended(share.name, nameOf(share));
      throw failures.strange(nameOf(share));
    }
    const plain = openAnswer(keys, question, body);
    const answer = plain && decodeAnswer(plain);
    if (answer === null) throw failures.strange(nameOf(share));
    taking.seen(share.id);
    return answer;
  };

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = host.setTimer(ms, end);
      signal.addEventListener('abort', end, { once: true });
    });

  return {
    async ask(fresh, asking, wanted, asked, patient = false) {
      const late = new AbortController();
      const cancel = patient ? () => {} : host.setTimer(impatientMs, () => late.abort());
      const signal = AbortSignal.any([asked, late.signal]);
      try {
        const began = host.now();
        for (let tries = 0; ; tries++) {
          if (asked.aborted) throw cancelled();
          const share = fresh();
          if (share.endedAt !== null) throw failures.ended(share.name, nameOf(share));
          try {
            const answer = await once(share, asking, signal);
            if (answer.say === 'no') throw refusal(answer.code, share.name);
            if (answer.say !== wanted) throw failures.strange(nameOf(share));
            return answer as Said<typeof wanted>;
          } catch (error) {
            if (asked.aborted) throw cancelled();
            const again =
              error instanceof Cut ||
              isFail(error, 'SHARE_CHANGED') ||
              (patient && ['OWNER_LOCKED', 'OWNER_BUSY', 'MESH_OFF'].some((code) => isFail(error, code)));
            if (!again) throw error;
            const wait = Math.abs(host.now() - began) < patienceMs ? pauses[tries] : undefined;
            if (wait !== undefined && !late.signal.aborted) await pause(wait, signal);
            if (asked.aborted) throw cancelled();
            if (wait === undefined || late.signal.aborted) {
              throw error instanceof Cut ? failures.unreachable(nameOf(share), seen(share)) : error;
            }
          }
        }
      } finally {
        cancel();
      }
    },
    async stop() {
      await Promise.all([...open.keys()].map(close));
    },
  };
}
