/* When things happen in a session. Milliseconds; what WireGuard does in its place is said where it differs. */

export interface SessionTimes {
  /** Age at which who began a session begins the next, if data flows. */
  readonly rekeyAfter: number;
  /** The same for the other side: only when the first did not. */
  readonly answererRekeyAfter: number;
  /** Age at which a session's keys are erased, used or not. */
  readonly rejectAfter: number;
  /** Packets sent after which the next session is begun, and after which none is sent any more. */
  readonly rekeyAfterPackets: number;
  readonly rejectAfterPackets: number;
  /** Without an answer, hello and init are sent again after these. */
  readonly retries: readonly number[];
  /** An init that was answered waits this long for the first packet that shows the peer has the keys. */
  readonly confirmWithin: number;
  /** Data that came and was not answered by any is answered by an empty packet after this. */
  readonly keepaliveAfter: number;
  /** Data that went out and was answered by nothing makes us doubt the session after this. */
  readonly doubtAfter: number;
  /** The session before is heard this long after the peer has begun to use the new one. */
  readonly overlap: number;
  /** Packets sealed in the old way are taken this long after the first session: they were on their way. */
  readonly staticGrace: number;
  /** Both begin at once: whose key is greater ignores the other's hello, and the other waits for its init, so long. */
  readonly tie: number;
  /** Packets wait this long for a session with a peer that had one, and so long where it is required. */
  readonly hold: number;
  readonly holdRequired: number;
  /** Between offers to somebody who never answered: first, and at most. Doubles each time. */
  readonly offerAgain: number;
  readonly offerAgainMost: number;
  /** The same where a session is required or was had. */
  readonly tryAgain: number;
  readonly tryAgainMost: number;
  /** Between two handshakes begun because of a packet that anybody may have played back. */
  readonly hintEvery: number;
}

export const defaultTimes: SessionTimes = {
  // WireGuard's 120, 165 and 180 s.
  rekeyAfter: 120_000,
  answererRekeyAfter: 150_000,
  rejectAfter: 180_000,
  // RFC 9001 appendix B: 2^23 packets of up to 2^16 bytes under one AES-GCM key leave an advantage below 2^-57. WireGuard's
  // 2^60 is for ChaCha20-Poly1305, which has no such bound.
  rekeyAfterPackets: 2 ** 22,
  rejectAfterPackets: 2 ** 23,
  retries: [1000, 2000, 4000],
  confirmWithin: 30_000,
  keepaliveAfter: 10_000,
  doubtAfter: 15_000,
  overlap: 15_000,
  staticGrace: 5_000,
  tie: 1_000,
  hold: 3_000,
  holdRequired: 15_000,
  offerAgain: 30_000,
  offerAgainMost: 3_600_000,
  tryAgain: 2_000,
  tryAgainMost: 60_000,
  hintEvery: 5_000,
};

export interface SessionLimits {
  /** Peers of whom anything is kept. */
  readonly peers: number;
  /** Hellos answered each second, and at once, of peers whose session is not required. */
  readonly hellos: number;
  readonly helloBurst: number;
  /** The same for inits, which cost a few milliseconds each. */
  readonly inits: number;
  readonly initBurst: number;
  /** Inits answered of one peer: seconds between them, and at once. */
  readonly peerInitEvery: number;
  readonly peerInitBurst: number;
  /** Hellos answered of one peer each second, and at once. */
  readonly peerHellos: number;
  readonly peerHelloBurst: number;
  /** Packets and bytes that wait for a session, of one peer; bytes of all. */
  readonly heldPackets: number;
  readonly heldBytes: number;
  readonly heldBytesOfAll: number;
  /** A peer that was silent this long makes room for another (milliseconds). */
  readonly idle: number;
}

export const defaultSessionLimits: SessionLimits = {
  peers: 1024,
  hellos: 200,
  helloBurst: 400,
  inits: 20,
  initBurst: 40,
  peerInitEvery: 5,
  peerInitBurst: 5,
  // Many: an answer costs little, and who plays old hellos back must not use up the answers to the true one.
  peerHellos: 100,
  peerHelloBurst: 100,
  heldPackets: 64,
  heldBytes: 128 * 1024,
  heldBytesOfAll: 4 * 1024 * 1024,
  idle: 60_000,
};
