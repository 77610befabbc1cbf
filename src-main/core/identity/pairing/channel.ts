/**
 * What pairing runs over: anything that carries messages both ways, in order, at most once. It need not be secret nor honest;
 * that is what the code on both screens is for. Both ends are closed by either.
 */
export interface PairingChannel {
  /** Rejects when the channel is closed. */
  send(message: Uint8Array): Promise<void>;
  /** The next message, null when the other side closed; rejects when `signal` aborts. One call at a time. */
  receive(signal: AbortSignal): Promise<Uint8Array | null>;
  close(): void;
}

/** The longest message: a key log of 256 entries, sealed. A channel may drop longer ones unread. */
export const messageBytesMost = 1_100_000;
