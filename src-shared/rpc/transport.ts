/** A two-way, ordered pipe of frames. Sizes are checked by the transport; shapes by the peer. */
export interface Transport {
  /**
   * Send one frame. After the end of the connection it does nothing.
   * @throws Fail TOO_LARGE when the frame is over the transport's limit (the connection lives on); TypeError when it
   *   holds something no wire can carry.
   */
  send(frame: unknown): void;
  /** Begin to receive; called once. Frames that came earlier are delivered first. */
  listen(handlers: TransportHandlers): void;
  /** End the connection; what was sent before still goes out. Safe to call twice. */
  close(): void;
  /** Bytes handed over and not yet on their way, as far as the transport knows. */
  readonly buffered: number;
}

export interface TransportHandlers {
  frame(value: unknown): void;
  /** Called once, after the last frame. `reason` is null for an orderly end. */
  closed(reason: string | null): void;
}

/** Keeps what arrives before `listen`, and makes sure `closed` comes once and last. */
export class Inbox {
  #handlers: TransportHandlers | null = null;
  #early: unknown[] = [];
  #ended: { reason: string | null } | null = null;

  get ended(): boolean {
    return this.#ended !== null;
  }

  frame(value: unknown): void {
    if (this.#ended) return;
    if (this.#handlers) this.#handlers.frame(value);
    // Before anyone listens only a handshake can be due; more than that is not kept.
    else if (this.#early.push(value) > 16) this.end('frames came before anyone listened');
  }

  end(reason: string | null): void {
    if (this.#ended) return;
    this.#ended = { reason };
    this.#handlers?.closed(reason);
  }

  listen(handlers: TransportHandlers): void {
    if (this.#handlers) throw new Error('a transport is listened to once');
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const value of early) handlers.frame(value);
    if (this.#ended) handlers.closed(this.#ended.reason);
  }
}
