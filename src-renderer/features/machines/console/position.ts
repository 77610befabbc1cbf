/** A piece of the console log: `at` is the position after its last byte. */
export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface Advance {
  /** Where to go on from after a break. */
  readonly position: number;
  /** What is new and is to be written. */
  readonly write: Uint8Array;
  /** Bytes that were printed but are not to be had any more. */
  readonly missed: number;
  /** The log began anew (the machine was made again): the screen is to be cleared first. */
  readonly restarted: boolean;
}

/**
 * Take a piece in. After a reconnection the agent may send some of what is on the screen already, or be further along
 * than asked for; neither may show twice or be passed over in silence. `position` null: nothing was received yet.
 */
export function advance(position: number | null, piece: Piece): Advance {
  const start = piece.at - piece.bytes.length;
  if (position === null) return { position: piece.at, write: piece.bytes, missed: 0, restarted: false };
  if (piece.at < position) return { position: piece.at, write: piece.bytes, missed: 0, restarted: true };
  if (start < position) {
    return { position: piece.at, write: piece.bytes.subarray(position - start), missed: 0, restarted: false };
  }
  return { position: piece.at, write: piece.bytes, missed: start - position, restarted: false };
}
