import type { Duplex } from 'node:stream';
import type { Host, Logger } from '#core/host.ts';
import { BadFrame, createFrameReader, type Frame } from '../remote/friend/wire/frames.ts';
import {
  type Answer,
  type AskState,
  decodeQuestion,
  encodeAnswer,
  pageNames,
  type Question,
  version,
} from '../remote/friend/wire/messages.ts';
import { type Arriving, type Room, RoomRefusal } from './room.ts';

/** What a connection may ask of the side that keeps rooms. Who asks is known from the mesh. */
export interface Desk {
  /** The room, when grant and secret are those of the caller. */
  open(grant: Uint8Array, secret: Uint8Array): { readonly room: Room; readonly bytes: () => number } | null;
  ask(
    grant: Uint8Array,
    verifier: Uint8Array,
    bytes: number,
  ): Promise<{ readonly state: AskState; readonly bytes: number }>;
  withdraw(grant: Uint8Array): Promise<void>;
  mine(): { readonly offered: number; readonly room: { readonly grant: Uint8Array; readonly bytes: number } | null };
  /** When the room ends; 0 for nobody knows. The caller has been told now. */
  until(): number;
}

export interface Patience {
  /** From the connection to a room, and between questions about rooms. */
  readonly greetMs: number;
  /** For a frame to arrive whole, the next of a piece that was begun, and answers to be taken. */
  readonly stallMs: number;
  readonly idleMs: number;
}
export const usualPatience: Patience = { greetMs: 15_000, stallMs: 60_000, idleMs: 600_000 };

/** Pieces that one connection sends at once. */
const mostArriving = 16;
/** Other questions of it that are being answered. */
const mostAtOnce = 16;

export interface ServeDeps {
  readonly host: Pick<Host, 'setTimer'>;
  readonly log: Logger;
  readonly patience?: Patience;
  /** Something was asked: this connection is alive. */
  readonly active?: () => void;
}

/** Serve one connection until it ends. Never throws; whatever comes, nothing is done outside the caller's own room. */
export async function serveGuest(stream: Duplex, desk: Desk, deps: ServeDeps): Promise<void> {
  const { greetMs, stallMs, idleMs } = deps.patience ?? usualPatience;
  const reader = createFrameReader();
  const arriving = new Map<number, Arriving>();
  let working = 0;
  let slotFree = (): void => {};
  let opened: ReturnType<Desk['open']> = null;
  let cancelTimer = (): void => {};
  let draining: Promise<void> | null = null;

  const expect = (ms: number): void => {
    cancelTimer();
    cancelTimer = deps.host.setTimer(ms, () => stream.destroy());
  };
  const expectNext = (): void => {
    if (reader.partial() || arriving.size > 0) expect(stallMs);
    else expect(opened === null ? greetMs : idleMs);
  };
  const drained = (): Promise<void> => {
    draining ??= new Promise<void>((resolve) => {
      const cancel = deps.host.setTimer(stallMs, () => stream.destroy());
      const done = (): void => {
        cancel();
        draining = null;
        stream.off('drain', done);
        stream.off('close', done);
        resolve();
      };
      stream.once('drain', done);
      stream.once('close', done);
    });
    return draining;
  };
  const send = async (request: number, answer: Answer): Promise<void> => {
    if (stream.destroyed || stream.writableEnded) return;
    if (!stream.write(encodeAnswer(request, answer))) await drained();
  };
  const refuse = (request: number, error: unknown): Promise<void> => {
    if (error instanceof RoomRefusal) return send(request, { kind: 'error', error: error.error });
    deps.log.error({ error }, 'what a contact asked of the room that is kept for them failed');
    return send(request, { kind: 'error', error: 'disk' });
  };
  /** Answer in its own time; the next frame is read meanwhile, while there are not too many of these. */
  const aside = async (request: number, work: () => Promise<void>): Promise<void> => {
    if (working >= mostAtOnce) {
      const { promise, resolve } = Promise.withResolvers<void>();
      slotFree = resolve;
      await promise;
    }
    working++;
    void work()
      .catch((error: unknown) => refuse(request, error))
      .catch(() => stream.destroy())
      .finally(() => {
        working--;
        slotFree();
      });
  };
  const here = (): boolean => !stream.destroyed;
  const bad = (): never => {
    throw new BadFrame('a message that makes no sense');
  };

  const inRoom = async (
    request: number,
    question: Question,
    { room, bytes }: NonNullable<typeof opened>,
  ): Promise<void> => {
    switch (question.kind) {
      case 'room':
        return aside(request, async () => {
          const { used, free } = await room.state();
          await send(request, { kind: 'room', bytes: bytes(), used, free, until: desk.until() });
        });
      case 'put': {
        if (arriving.has(request)) return bad();
        if (arriving.size >= mostArriving) throw new RoomRefusal('busy');
        const one = await room.begin(question.name, question.length);
        if (one.left > 0) arriving.set(request, one);
        else await aside(request, () => one.keep(here).then(() => send(request, { kind: 'done' })));
        return;
      }
      case 'data': {
        // Of one that was refused meanwhile: what was on its way is of no use.
        const one = arriving.get(request);
        if (one === undefined) return;
        if (question.bytes.length > one.left) return bad();
        try {
          await one.take(question.bytes);
        } catch (error) {
          arriving.delete(request);
          await one.giveUp();
          throw error;
        }
        if (one.left > 0) return;
        arriving.delete(request);
        return aside(request, () => one.keep(here).then(() => send(request, { kind: 'done' })));
      }
      case 'cancel': {
        const one = arriving.get(request);
        arriving.delete(request);
        return one?.giveUp();
      }
      case 'read':
        return aside(request, async () => {
          const target = new Uint8Array(question.length);
          const there = await room.read(question.name, question.offset, target);
          await send(request, there ? { kind: 'bytes', bytes: target } : { kind: 'error', error: 'none' });
        });
      case 'size':
        return aside(request, async () => {
          const length = await room.size(question.name);
          await send(request, length === null ? { kind: 'error', error: 'none' } : { kind: 'length', length });
        });
      case 'remove':
        return aside(request, async () => {
          await room.remove(question.name);
          await send(request, { kind: 'done' });
        });
      case 'list':
        return aside(request, async () => {
          const names = await room.list(question.directory);
          for (let at = 0; at === 0 || at < names.length; at += pageNames) {
            const more = at + pageNames < names.length;
            await send(request, { kind: 'names', more, names: names.slice(at, at + pageNames) });
          }
        });
      case 'settle':
        return aside(request, async () => {
          await room.settle();
          await send(request, { kind: 'done' });
        });
      case 'mark':
        return aside(request, async () => {
          const mark = await room.mark();
          await send(request, mark === null ? { kind: 'error', error: 'none' } : { kind: 'bytes', bytes: mark });
        });
      case 'claim':
        return aside(request, async () => {
          if (!(await room.claim(question.bytes))) throw new RoomRefusal('taken');
          await send(request, { kind: 'done' });
        });
      case 'unclaim':
        return aside(request, async () => {
          if (!(await room.unclaim(question.bytes))) throw new RoomRefusal('taken');
          await send(request, { kind: 'done' });
        });
      default:
        return bad();
    }
  };

  const handle = async (frame: Frame): Promise<void> => {
    const question = decodeQuestion(frame);
    const { request } = frame;
    if (question === null) return bad();
    if ('version' in question && question.version !== version) {
      await send(request, { kind: 'error', error: 'version' });
      return bad();
    }
    switch (question.kind) {
      case 'open':
        if (opened !== null) return bad();
        opened = desk.open(question.grant, question.secret);
        if (opened === null) {
          await send(request, { kind: 'error', error: 'refused' });
          stream.end();
          return;
        }
        await opened.room.quiet();
        return send(request, { kind: 'done' });
      case 'mine':
        return send(request, { kind: 'mine', ...desk.mine() });
      case 'ask':
        return send(request, {
          kind: 'asked',
          ...(await desk.ask(question.grant, question.verifier, question.bytes)),
        });
      case 'withdraw':
        await desk.withdraw(question.grant);
        return send(request, { kind: 'done' });
      default:
        if (opened === null) return bad();
        return inRoom(request, question, opened).catch((error: unknown) => {
          if (error instanceof BadFrame) throw error;
          return refuse(request, error);
        });
    }
  };

  stream.on('error', () => {});
  try {
    expectNext();
    // What is answered last is to arrive.
    const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    for await (const chunk of chunks) {
      const before = reader.partial();
      for (const frame of reader.push(chunk)) {
        deps.active?.();
        await handle(frame);
        expectNext();
        if (stream.writableEnded) break;
      }
      // A frame has so long from its first byte on: whoever sends it byte by byte gets no longer.
      if (!before && reader.partial()) expectNext();
    }
  } catch (error) {
    if (error instanceof BadFrame) {
      deps.log.warn({ error: error.message }, 'a contact’s connection to a room was ended');
      if (!stream.destroyed) stream.write(encodeAnswer(0, { kind: 'error', error: 'bad' }));
    }
  } finally {
    cancelTimer();
    slotFree();
    await Promise.all([...arriving.values()].map((one) => one.giveUp().catch(() => {})));
    arriving.clear();
    if (stream.writableFinished || stream.destroyed) stream.destroy();
    else {
      const cancel = deps.host.setTimer(greetMs, () => stream.destroy());
      stream.end(() => {
        cancel();
        stream.destroy();
      });
    }
  }
}
