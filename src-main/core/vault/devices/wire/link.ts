import type { Duplex } from 'node:stream';
import type { Host } from '#core/host.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import {
  answerHandshake,
  decodeHello,
  decodeReply,
  encodeReply,
  handshakeMostBytes,
  type Lines,
  type Quiet,
  startHandshake,
} from './format/handshake.ts';
import { type Announcement, decodeAnnouncement, holds, type Verify } from './format/statements.ts';
import {
  type Answer,
  type Asking,
  decodeAnswer,
  decodeAsking,
  encodeAnswer,
  encodeAsking,
  messageMostBytes,
} from './format/talk.ts';
import { Cut, type Frames, frames } from './framing.ts';

/** The device said that it does not talk now. */
export class QuietNow extends Error {
  readonly why: Quiet;
  constructor(why: Quiet) {
    super(`the device is ${why}`);
    this.why = why;
  }
}

/** This device as it shows itself to others; `secret` is that of its X-Wing key. */
export interface OwnKey {
  readonly device: DeviceId;
  readonly announcement: Uint8Array;
  readonly kem: Uint8Array;
  readonly secret: Uint8Array;
}

export interface LinkDeps {
  readonly host: Pick<Host, 'random' | 'setTimer'>;
  readonly verify: Verify;
}

const handshakeMs = 20_000;
/** Silence before an answer, and in it; what is read may have to be fetched from places far away. */
const answerMs = 60_000;
/** Between two questions. */
const idleMs = 5 * 60_000;
/** What sealing adds. */
const extraBytes = 16;

/** A connection to another device, to ask. One question at a time. */
export interface Link {
  /** As the device signed it; whether it is trusted is for whoever uses the link to say. */
  readonly theirs: Announcement;
  /** @throws Cut */
  ask(asking: Asking): Promise<Answer>;
  close(): void;
  /** Called once when it has ended, whoever ended it. */
  onClose(over: () => void): void;
}

/** @throws Cut when what comes is no announcement of this device */
function announcementOf(device: DeviceId, bytes: Uint8Array, verify: Verify): Announcement {
  const one = decodeAnnouncement(bytes);
  if (one === null || one.device !== device || !holds(one, verify)) throw new Cut('it shows no key of its own');
  return one;
}

/** @param device whose mesh key the other end of the stream has @throws Cut, QuietNow */
export async function openLink(stream: Duplex, device: DeviceId, own: OwnKey, deps: LinkDeps): Promise<Link> {
  const wire = frames(stream, deps.host);
  try {
    const begun = startHandshake(own.announcement, own.secret, deps.host.random);
    await wire.write(begun.hello);
    const bytes = await wire.read(handshakeMostBytes, handshakeMs);
    const reply = bytes && decodeReply(bytes);
    if (bytes === null || reply === null) throw new Cut('it gave no reply');
    if (reply.say === 'quiet') throw new QuietNow(reply.why);
    const theirs = announcementOf(device, reply.announcement, deps.verify);
    const done = begun.finish(bytes, reply, theirs.kem);
    if (done === null) throw new Cut('its reply is none');
    await wire.write(done.finish);
    return { ...linkOn(wire, theirs, done.lines), onClose: (over) => void stream.once('close', over) };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function linkOn(wire: Frames, theirs: Announcement, { ours, theirs: heard }: Lines): Omit<Link, 'onClose'> {
  let last: Promise<unknown> = Promise.resolve();
  const once = async (asking: Asking): Promise<Answer> => {
    try {
      await wire.write(ours.seal(encodeAsking(asking)));
      const bytes = await wire.read(messageMostBytes + extraBytes, answerMs);
      if (bytes === null) throw new Cut('it has ended');
      const plain = heard.open(bytes);
      const answer = plain && decodeAnswer(plain);
      if (answer === null) throw new Cut('it gave no answer that makes sense');
      return answer;
    } catch (error) {
      wire.destroy();
      throw error;
    }
  };
  return {
    theirs,
    ask(asking) {
      const run = last.then(() => once(asking));
      last = run.catch(() => {});
      return run;
    },
    close: wire.destroy,
  };
}

export interface Desk {
  /** Null: say that this device is quiet. */
  own(): OwnKey | Quiet;
  answer(theirs: Announcement, asking: Asking, signal: AbortSignal): Promise<Answer>;
}

/** Serve one connection until it ends. Never throws; what is no question ends it. */
export async function serveLink(stream: Duplex, device: DeviceId, desk: Desk, deps: LinkDeps): Promise<void> {
  const wire = frames(stream, deps.host);
  const gone = new AbortController();
  stream.once('close', () => gone.abort());
  try {
    const helloBytes = await wire.read(handshakeMostBytes, handshakeMs);
    const hello = helloBytes && decodeHello(helloBytes);
    const own = desk.own();
    if (typeof own === 'string' || helloBytes === null || hello === null) {
      const why = typeof own === 'string' ? own : 'version';
      await wire.write(encodeReply({ say: 'quiet', why }));
      stream.end();
      return;
    }
    const theirs = announcementOf(device, hello.announcement, deps.verify);
    const begun = answerHandshake(helloBytes, hello, theirs.kem, own.announcement, own.secret, deps.host.random);
    if (begun === null) return;
    await wire.write(begun.reply);
    const finish = await wire.read(handshakeMostBytes, handshakeMs);
    const lines = finish && begun.finish(finish);
    if (lines === null) return;
    for (;;) {
      const bytes = await wire.read(messageMostBytes + extraBytes, idleMs);
      const plain = bytes && lines.theirs.open(bytes);
      const asking = plain && decodeAsking(plain);
      if (asking === null) return;
      const answer = await desk.answer(theirs, asking, gone.signal);
      await wire.write(lines.ours.seal(encodeAnswer(answer)));
    }
  } catch {
    // Cut, or quiet for too long: the other side calls again.
  } finally {
    // What was said last is to arrive.
    if (!stream.writableEnded) stream.destroy();
    else deps.host.setTimer(handshakeMs, () => stream.destroy());
  }
}
