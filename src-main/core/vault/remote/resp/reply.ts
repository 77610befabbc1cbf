/**
 * What a server of the Redis protocol answers (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/): a
 * simple string is a `string`, an integer a `number`, a bulk string bytes, an array a list, a null `null`; an error reply
 * is a {@link ReplyError} (thrown where it answers a command, a value inside arrays).
 *
 * Bytes may be a view into what the socket delivered (64 KiB): who keeps a small one for long should copy it.
 */
export type Reply = string | number | null | Uint8Array | ReplyError | Landed | readonly Reply[];

/** The server answered with an error; `message` is its text, without the `-`. The connection is fine. */
export class ReplyError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ReplyError';
  }
}

/** A bulk string that went where the caller wanted it; `length` is what the server sent, in bytes. */
export class Landed {
  readonly length: number;
  constructor(length: number) {
    this.length = length;
  }
}

/**
 * Why a connection is of no more use. `connect`: none could be made; `closed`: it broke, so whether the command was carried
 * out is not known; `timeout`: no answer in time, equally; `protocol`: the server does not speak RESP2, or more than the limits allow;
 * `busy`: too many calls wait; `ended`: our side closed.
 */
export type ConnectionFailure = 'connect' | 'closed' | 'timeout' | 'protocol' | 'busy' | 'ended';

export class ConnectionError extends Error {
  readonly failure: ConnectionFailure;
  constructor(failure: ConnectionFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ConnectionError';
    this.failure = failure;
  }
}

/** Where the next bulk string goes instead of into memory of its own: bytes from `skip` on, as many as `target` takes. */
export interface Landing {
  readonly target: Uint8Array;
  readonly skip: number;
}
