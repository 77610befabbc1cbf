import { encodeFrame, type Frame } from './frames.ts';
import { isDirectoryName, isShardName } from './names.ts';

/* What the two sides say to each other, byte by byte: docs/formats/friend-place.md. Integers are big-endian. */

export const version = 1;
const magic = new TextEncoder().encode('hypha-room');
export const grantBytes = 16;
export const secretBytes = 32;
/** Bytes of one piece that are written or read in one frame. */
export const pieceBytes = 256 * 1024;
/** No mark of a place is longer. */
export const markBytes = 4096;
/** One piece; packs are far smaller. */
export const shardBytes = 1024 ** 3;
/** Names in one frame: a page of a list. */
export const pageNames = 1000;

/** Why something was not done. The number is what goes over the wire; nothing else is said. */
export const roomErrors = {
  /** There is nothing under this name, or it is too short. */
  none: 1,
  /** This room is not yours, or there is no such room: the same, so that nobody learns which rooms there are. */
  refused: 2,
  /** The room, or the disk it is on, is full. */
  full: 3,
  /** The room is being given up: it takes nothing new. */
  closing: 4,
  /** The directory with all the rooms is not there now: its disk is not connected, say. */
  away: 5,
  /** Too much at once. */
  busy: 6,
  /** Another mark is there. */
  taken: 7,
  /** The disk failed. */
  disk: 8,
  /** What was said makes no sense. */
  bad: 9,
  /** No version that the other side speaks. */
  version: 10,
} as const;
export type RoomError = keyof typeof roomErrors;
const errorNames = new Map(Object.entries(roomErrors).map(([name, code]) => [code as number, name as RoomError]));

/** What became of a question for room. */
const askStates = ['agreed', 'waits', 'refused'] as const;
export type AskState = (typeof askStates)[number];

export type Question =
  | { readonly kind: 'open'; readonly version: number; readonly grant: Uint8Array; readonly secret: Uint8Array }
  | {
      readonly kind: 'ask';
      readonly version: number;
      readonly grant: Uint8Array;
      readonly verifier: Uint8Array;
      readonly bytes: number;
    }
  | { readonly kind: 'withdraw'; readonly version: number; readonly grant: Uint8Array }
  | { readonly kind: 'mine'; readonly version: number }
  | { readonly kind: 'room' }
  | { readonly kind: 'put'; readonly length: number; readonly name: string }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'read'; readonly offset: number; readonly length: number; readonly name: string }
  | { readonly kind: 'size'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'list'; readonly directory: string }
  | { readonly kind: 'settle' }
  | { readonly kind: 'mark' }
  | { readonly kind: 'claim'; readonly bytes: Uint8Array }
  | { readonly kind: 'unclaim'; readonly bytes: Uint8Array };

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: RoomError }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'names'; readonly more: boolean; readonly names: readonly string[] }
  | {
      readonly kind: 'room';
      readonly bytes: number;
      readonly used: number;
      readonly free: number;
      /** When it ends, in milliseconds since 1970; 0 when nobody has said so. */
      readonly until: number;
    }
  | { readonly kind: 'asked'; readonly state: AskState; readonly bytes: number }
  /** The room that the caller has here, and what was offered to it; 0 for none. */
  | {
      readonly kind: 'mine';
      readonly offered: number;
      readonly room: { readonly grant: Uint8Array; readonly bytes: number } | null;
    };

type Kind<U extends { kind: string }> = U['kind'];
const questionTypes: Readonly<Record<Kind<Question>, number>> = {
  open: 1,
  ask: 2,
  withdraw: 3,
  mine: 4,
  room: 5,
  put: 6,
  data: 7,
  cancel: 8,
  read: 9,
  size: 10,
  remove: 11,
  list: 12,
  settle: 13,
  mark: 14,
  claim: 15,
  unclaim: 16,
};
const answerTypes: Readonly<Record<Kind<Answer>, number>> = {
  done: 128,
  error: 129,
  bytes: 130,
  length: 131,
  names: 132,
  room: 133,
  asked: 134,
  mine: 135,
};
const invert = <K extends string>(types: Readonly<Record<K, number>>): ReadonlyMap<number, K> =>
  new Map(Object.entries(types).map(([kind, type]) => [type as number, kind as K]));
const questionKinds = invert(questionTypes);
const answerKinds = invert(answerTypes);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const u32 = (value: number): Uint8Array => {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
};
const u64 = (value: number): Uint8Array => {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
};

function bodyOf(question: Question): readonly Uint8Array[] {
  switch (question.kind) {
    case 'open':
      return [magic, u8(question.version), question.grant, question.secret];
    case 'ask':
      return [magic, u8(question.version), question.grant, question.verifier, u64(question.bytes)];
    case 'withdraw':
      return [magic, u8(question.version), question.grant];
    case 'mine':
      return [magic, u8(question.version)];
    case 'put':
      return [u64(question.length), text(question.name)];
    case 'read':
      return [u64(question.offset), u32(question.length), text(question.name)];
    case 'size':
    case 'remove':
      return [text(question.name)];
    case 'list':
      return [text(question.directory)];
    case 'data':
    case 'claim':
    case 'unclaim':
      return [question.bytes];
    default:
      return [];
  }
}

function partsOf(answer: Answer): readonly Uint8Array[] {
  switch (answer.kind) {
    case 'done':
      return [];
    case 'error':
      return [u8(roomErrors[answer.error])];
    case 'bytes':
      return [answer.bytes];
    case 'length':
      return [u64(answer.length)];
    case 'names':
      return [u8(answer.more ? 1 : 0), text(answer.names.join('\n'))];
    case 'room':
      return [u64(answer.bytes), u64(answer.used), u64(answer.free), u64(answer.until)];
    case 'asked':
      return [u8(askStates.indexOf(answer.state)), u64(answer.bytes)];
    case 'mine':
      return [u64(answer.offered), ...(answer.room === null ? [] : [answer.room.grant, u64(answer.room.bytes)])];
  }
}

export const encodeQuestion = (request: number, question: Question): Uint8Array =>
  encodeFrame(questionTypes[question.kind], request, ...bodyOf(question));
export const encodeAnswer = (request: number, answer: Answer): Uint8Array =>
  encodeFrame(answerTypes[answer.kind], request, ...partsOf(answer));

/** Takes a body apart from its front; `ok` only when everything that was asked for was there, and nothing more. */
function bodyReader(body: Uint8Array) {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let at = 0;
  let good = true;
  const step = (length: number): number => {
    const from = at;
    at += length;
    if (at > body.length) good = false;
    return from;
  };
  const bytes = (length: number): Uint8Array => {
    const from = step(length);
    return good ? body.slice(from, from + length) : new Uint8Array(0);
  };
  return {
    bytes,
    rest: (): Uint8Array => bytes(Math.max(0, body.length - at)),
    text: (): string => Buffer.from(bytes(Math.max(0, body.length - at))).toString('latin1'),
    u8: (): number => {
      const from = step(1);
      return good ? view.getUint8(from) : 0;
    },
    u32: (): number => {
      const from = step(4);
      return good ? view.getUint32(from) : 0;
    },
    /** As far as a number holds it exactly. */
    u64: (): number => {
      const from = step(8);
      const value = good ? view.getBigUint64(from) : 0n;
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) good = false;
      return Number(value);
    },
    magic: (): void => {
      const found = bytes(magic.length);
      if (!magic.every((byte, i) => found[i] === byte)) good = false;
    },
    left: (): number => body.length - at,
    ok: (): boolean => good && at === body.length,
  };
}

/** @returns null for anything that {@link encodeQuestion} does not write, or that is longer than allowed */
export function decodeQuestion({ type, body }: Frame): Question | null {
  const kind = questionKinds.get(type);
  const read = bodyReader(body);
  const whole = (question: Question, fine = true): Question | null => (fine && read.ok() ? question : null);
  switch (kind) {
    case undefined:
      return null;
    case 'open':
    case 'ask':
    case 'withdraw':
    case 'mine': {
      read.magic();
      const v = read.u8();
      // What comes after is of another version: only that can be said of it.
      if (v !== version && read.left() >= 0) return { kind: 'mine', version: v };
      if (kind === 'mine') return whole({ kind, version: v });
      const grant = read.bytes(grantBytes);
      if (kind === 'withdraw') return whole({ kind, version: v, grant });
      if (kind === 'open') return whole({ kind, version: v, grant, secret: read.bytes(secretBytes) });
      const verifier = read.bytes(secretBytes);
      return whole({ kind, version: v, grant, verifier, bytes: read.u64() });
    }
    case 'put': {
      const length = read.u64();
      const name = read.text();
      return whole({ kind, length, name }, isShardName(name) && length <= shardBytes);
    }
    case 'read': {
      const offset = read.u64();
      const length = read.u32();
      const name = read.text();
      return whole({ kind, offset, length, name }, isShardName(name) && length <= pieceBytes);
    }
    case 'size':
    case 'remove': {
      const name = read.text();
      return whole({ kind, name }, isShardName(name));
    }
    case 'list': {
      const directory = read.text();
      return whole({ kind, directory }, isDirectoryName(directory));
    }
    case 'data':
      return body.length <= pieceBytes ? { kind, bytes: body } : null;
    case 'claim':
    case 'unclaim':
      return whole({ kind, bytes: read.rest() }, body.length > 0 && body.length <= markBytes);
    default:
      return whole({ kind });
  }
}

/** @returns null for anything that {@link encodeAnswer} does not write, or that is longer than allowed */
export function decodeAnswer({ type, body }: Frame): Answer | null {
  const kind = answerKinds.get(type);
  const read = bodyReader(body);
  const whole = (answer: Answer, fine = true): Answer | null => (fine && read.ok() ? answer : null);
  switch (kind) {
    case undefined:
      return null;
    case 'done':
      return whole({ kind });
    case 'error': {
      const error = errorNames.get(read.u8());
      return error === undefined ? null : whole({ kind, error });
    }
    case 'bytes':
      return body.length <= pieceBytes ? { kind, bytes: body } : null;
    case 'length':
      return whole({ kind, length: read.u64() });
    case 'names': {
      const more = read.u8();
      const all = read.text();
      const names = all === '' ? [] : all.split('\n');
      const fine = more <= 1 && names.length <= pageNames && names.every((name) => isShardName(name));
      return whole({ kind, more: more === 1, names }, fine);
    }
    case 'room':
      return whole({ kind, bytes: read.u64(), used: read.u64(), free: read.u64(), until: read.u64() });
    case 'asked': {
      const state = askStates[read.u8()];
      const bytes = read.u64();
      return state === undefined ? null : whole({ kind, state, bytes });
    }
    case 'mine': {
      const offered = read.u64();
      if (read.left() === 0) return whole({ kind, offered, room: null });
      return whole({ kind, offered, room: { grant: read.bytes(grantBytes), bytes: read.u64() } });
    }
  }
}
