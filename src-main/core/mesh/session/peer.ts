import type { SendOptions } from '../forward/forwarder.ts';
import { addressOf } from '../identity/address.ts';
import { createAnswers } from './answers.ts';
import { type Attempt, createAttempt, prologueOf } from './attempt.ts';
import type { SessionLimits, SessionTimes } from './constants.ts';
import { receive, type StaticKeys } from './handshake.ts';
import { createHeld, type HeldBudget, type HeldPacket } from './held.ts';
import { createRate, type Rate } from './rate.ts';
import { createSession, type Session } from './session.ts';
import {
  type DataHead,
  type DataType,
  decodeIntro,
  encodeHandshake,
  encodeIntro,
  type HandshakePacket,
  sessionOverhead,
  u24,
} from './wire.ts';

/**
 * How a peer is treated: no sessions; sessions when it answers, else as before; nothing outside a session.
 */
export type SessionMode = 'off' | 'prefer' | 'require';

export interface SessionCounters {
  /** Packets that came twice, or older than the window. */
  replayed: number;
  /** Packets whose tag was wrong, handshake messages that were not the peer's. */
  forged: number;
  /** Packets of sessions that are not known, here or any more. */
  unknown: number;
  /** Packets outside a session from who has one, or must have. */
  outside: number;
  /** Hellos and inits that were too many. */
  limited: number;
  /** Bytes that are no packet, or one of ours handed back. */
  malformed: number;
  handshakes: number;
}

/** What all peers share. */
export interface World {
  readonly self: StaticKeys;
  readonly random: (n: number) => Uint8Array;
  readonly times: SessionTimes;
  readonly limits: SessionLimits;
  readonly counters: SessionCounters;
  readonly held: HeldBudget;
  readonly ports: WorldPorts;
  /** Something is to be done then. */
  wake(at: number): void;
}

export interface WorldPorts {
  /** Send user data of type session. The bytes are lent. @returns false when it cannot be sent */
  transmit(destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** Send a packet sealed as of old, without a session. */
  sendStatic(type: 'ipv6' | 'message', destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** A packet waited for a session that did not come. */
  refused(packet: HeldPacket): void;
  /** A session came to be, or the last one ended. */
  changed(publicKey: Uint8Array, established: boolean): void;
}

export interface SessionStatus {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly mode: SessionMode;
  /** 'offering' while a handshake of ours is under way and there is no session yet. */
  readonly state: 'none' | 'offering' | 'established';
  /** Milliseconds on the node's clock: of the session in use. */
  readonly since: number | null;
  /** Packets sent in it. */
  readonly sent: number;
  /** Whether the peer answered an offer in this run: it is a Hypha node. */
  readonly capable: boolean;
}

/** Sessions with one peer. */
export interface Peer {
  readonly publicKey: Uint8Array;
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly mode: SessionMode;
  setMode(now: number, mode: SessionMode): void;
  /** @returns 'static' when the caller is to send it without a session; 'refused' when nobody is */
  send(
    now: number,
    type: 'ipv6' | 'message',
    destination: Uint8Array,
    payload: Uint8Array,
    options?: SendOptions,
  ): 'sent' | 'held' | 'static' | 'refused';
  /** @returns whether it may be answered with a challenge */
  hello(now: number, nonce: Uint8Array): boolean;
  challenge(now: number, packet: Extract<HandshakePacket, { kind: 'challenge' }>): void;
  /** The cookie was found good. @param ration of all peers; null when this one has no part in it */
  init(now: number, packet: Extract<HandshakePacket, { kind: 'init' }>, ration: Rate): void;
  response(now: number, packet: Extract<HandshakePacket, { kind: 'response' }>): void;
  /** @returns the payload, its own bytes; null when there is nothing to deliver */
  data(now: number, head: DataHead, packet: Uint8Array): Uint8Array | null;
  /** A packet came in a session that we do not have: the peer does not know that we lost it. */
  unknown(now: number): void;
  /** A packet came without a session. @returns whether it may be taken */
  admitStatic(now: number): boolean;
  /** Read a data packet of ours again, which could not be carried. */
  openOwn(head: DataHead, packet: Uint8Array): Uint8Array | null;
  tick(now: number): void;
  due(): number;
  /** Nothing would be lost with it. */
  isIdle(now: number): boolean;
  hasSession(now: number): boolean;
  readonly lastUsed: number;
  status(now: number): SessionStatus;
  erase(): void;
}

const never = Number.POSITIVE_INFINITY;
const nothing = new Uint8Array(0);
/** Empty packets for who seals as of old though we have a session: one at most in this time (milliseconds). */
const promptEvery = 1000;
/** Where data packets are built: `transmit` takes them out of it before it returns. */
let scratch = new Uint8Array(2048);

/** @param greater whether our public key is the greater of the two */
export function createPeer(
  world: World,
  publicKey: Uint8Array,
  greater: boolean,
  initialMode: SessionMode,
  created: number,
): Peer {
  const { times, limits, counters, ports, random } = world;
  const address = addressOf(publicKey);
  const answers = createAnswers();
  const held = createHeld({ packets: limits.heldPackets, bytes: limits.heldBytes }, world.held);
  const inits = createRate(created, 1 / limits.peerInitEvery, limits.peerInitBurst);
  let mode = initialMode;
  let lastUsed = created;

  /** In use for what we send. */
  let current: Session | null = null;
  let currentFrom = created;
  /** The one before, only heard. */
  let previous: Session | null = null;
  let previousUntil = never;
  /** Answered by us, not yet used by the peer: nothing is sent in it. */
  let pending: Session | null = null;
  let pendingUntil = never;
  let attempt: Attempt | null = null;

  let capable = false;
  let failures = 0;
  let offerAt = created;
  let hintAt = created;
  let promptAt = created;
  let heldUntil = never;
  let staticUntil = never;
  let lastHeard = Number.NEGATIVE_INFINITY;
  let keepaliveAt = never;
  let doubtAt = never;
  let doubted = false;
  let confirmAt = never;
  let confirmations = 0;

  const usable = (now: number): Session | null =>
    current !== null && now - current.since < times.rejectAfter && current.sent() < times.rejectAfterPackets
      ? current
      : null;

  const sendIn = (
    session: Session,
    type: DataType,
    payload: Uint8Array,
    destination: Uint8Array,
    options?: SendOptions,
  ): boolean => {
    const length = payload.length + sessionOverhead;
    if (scratch.length < length) scratch = new Uint8Array(length);
    session.seal(type, payload, scratch);
    keepaliveAt = never;
    return ports.transmit(destination, scratch.subarray(0, length), options);
  };

  const sendData = (
    now: number,
    session: Session,
    type: 'ipv6' | 'message',
    destination: Uint8Array,
    payload: Uint8Array,
    options?: SendOptions,
  ): boolean => {
    const sent = sendIn(session, type, payload, destination, options);
    if (doubtAt === never) {
      doubtAt = now + times.doubtAfter;
      world.wake(doubtAt);
    }
    const age = now - session.since;
    const old = age >= (session.initiator ? times.rekeyAfter : times.answererRekeyAfter);
    if (old || session.sent() >= times.rekeyAfterPackets) begin(now);
    return sent;
  };

  const freeIndex = (): number => {
    for (;;) {
      const index = u24(random(3), 0);
      const taken = [current, previous, pending, attempt].some((one) => one?.index === index);
      if (index !== 0 && !taken) return index;
    }
  };

  const begin = (now: number): void => {
    if (attempt !== null || now < offerAt || mode === 'off') return;
    const { self } = world;
    const { retries } = times;
    attempt = createAttempt({ self, peer: publicKey, greater, random, retries, index: freeIndex() }, now);
    ports.transmit(address, attempt.packet);
    world.wake(attempt.due);
  };

  /** A packet that anybody may have played back says that the peer has no session: try, but not for each of them. */
  const hint = (now: number): void => {
    if (now < hintAt) return;
    hintAt = now + times.hintEvery;
    offerAt = Math.min(offerAt, now);
    begin(now);
  };

  const endAttempt = (): void => {
    attempt?.wipe();
    attempt = null;
  };

  const backOff = (now: number): void => {
    failures++;
    const known = capable || mode === 'require';
    const [first, most] = known ? [times.tryAgain, times.tryAgainMost] : [times.offerAgain, times.offerAgainMost];
    // Between three and five quarters, so that many who lost one peer do not come back as one.
    const jitter = 0.75 + (random(1)[0] as number) / 510;
    offerAt = now + Math.min(most, first * 2 ** Math.min(failures - 1, 20)) * jitter;
  };

  const giveUp = (now: number): void => {
    endAttempt();
    backOff(now);
    if (mode === 'require') return;
    if (doubted) eraseSessions();
    if (usable(now) !== null) return;
    capable = false;
    release(now);
  };

  /** What waited goes out, in a session if there is one, else as the mode allows. */
  const release = (now: number): void => {
    heldUntil = never;
    for (const packet of held.take()) {
      const { type, destination, payload, options } = packet;
      const session = usable(now);
      if (session !== null) sendData(now, session, type, destination, payload, options);
      else if (mode === 'require') ports.refused(packet);
      else ports.sendStatic(type, destination, payload, options);
    }
  };

  const eraseSessions = (): void => {
    const had = current !== null;
    for (const session of [current, previous, pending]) session?.erase();
    current = null;
    previous = null;
    pending = null;
    answers.settle();
    keepaliveAt = never;
    doubtAt = never;
    confirmAt = never;
    doubted = false;
    if (had) ports.changed(publicKey, false);
  };

  /** Of two sessions made at the same time both sides use the one that the greater key began. */
  const losesTie = (session: Session): boolean => {
    if (current === null || session.begun >= currentFrom) return false;
    return current.initiator === greater && session.initiator !== greater;
  };

  const established = (): void => {
    capable = true;
    failures = 0;
    counters.handshakes++;
  };

  const adopt = (now: number, session: Session): void => {
    const first = usable(now) === null;
    if (first) staticUntil = now + times.staticGrace;
    previous?.erase();
    previous = current;
    previousUntil = never;
    current = session;
    currentFrom = now;
    doubtAt = never;
    doubted = false;
    offerAt = now;
    world.wake(session.since + times.rejectAfter);
    ports.changed(publicKey, true);
  };

  const promote = (now: number, session: Session): void => {
    pending = null;
    pendingUntil = never;
    answers.settle();
    endAttempt();
    established();
    if (losesTie(session)) {
      previous?.erase();
      previous = session;
      previousUntil = never;
    } else adopt(now, session);
    // So that the peer need not ask again whether we have heard it.
    sendIn(session, 'keepalive', nothing, address);
    release(now);
  };

  const unknown = (now: number): void => {
    counters.unknown++;
    if (mode === 'off') return;
    // Heard of it in a session a moment ago: that was an old packet, played back or late.
    if (usable(now) !== null && now - lastHeard < times.keepaliveAfter) return;
    hint(now);
  };

  const sessionOf = (index: number): Session | null => {
    if (current?.index === index) return current;
    if (previous?.index === index) return previous;
    return pending?.index === index ? pending : null;
  };

  return {
    publicKey,
    address,
    get mode() {
      return mode;
    },
    get lastUsed() {
      return lastUsed;
    },
    setMode(now, next) {
      if (next === mode) return;
      mode = next;
      if (mode === 'off') {
        endAttempt();
        eraseSessions();
      }
      if (mode !== 'require') release(now);
    },
    send(now, type, destination, payload, options) {
      lastUsed = now;
      const session = usable(now);
      if (session !== null) return sendData(now, session, type, destination, payload, options) ? 'sent' : 'refused';
      if (mode === 'off') return 'static';
      begin(now);
      const wait = mode === 'require' ? times.holdRequired : capable && attempt !== null ? times.hold : 0;
      if (wait === 0) return 'static';
      if (!held.add({ type, destination, payload, options })) return mode === 'require' ? 'refused' : 'static';
      if (heldUntil === never) {
        heldUntil = now + wait;
        world.wake(heldUntil);
      }
      return 'held';
    },
    hello(now, nonce) {
      lastUsed = now;
      if (mode === 'off' || attempt?.isNamed(nonce)) return false;
      if (attempt === null) return true;
      if (greater) return now >= attempt.begun + times.tie;
      attempt.yieldUntil(now + times.tie);
      world.wake(attempt.due);
      return true;
    },
    challenge(now, packet) {
      if (attempt === null || attempt.phase !== 'hello' || !attempt.isNamed(packet.nonce)) return;
      capable = true;
      if (!attempt.challenged(now, packet.cookie)) return;
      ports.transmit(address, attempt.packet);
      world.wake(attempt.due);
    },
    init(now, packet, ration) {
      lastUsed = now;
      if (mode === 'off') return;
      const again = answers.again(packet.nonce);
      if (again !== null) {
        if (again !== 'spent') ports.transmit(address, again);
        return;
      }
      const trusted = mode === 'require' || usable(now) !== null;
      if (!inits.take(now) || !(trusted || ration.take(now))) {
        counters.limited++;
        return;
      }
      const prologue = prologueOf(packet.greater, packet.nonce, packet.cookie);
      const invitation = receive({ self: world.self, peer: publicKey, prologue, random }, packet.noise);
      const remoteIndex = invitation === null ? null : decodeIntro(invitation.payload);
      const index = freeIndex();
      const answer = remoteIndex === null ? null : (invitation?.answer(encodeIntro(index)) ?? null);
      if (remoteIndex === null || answer === null) {
        counters.forged++;
        return;
      }
      const { nonce } = packet;
      const response = encodeHandshake({ kind: 'response', greater, nonce, noise: answer.message });
      if (!answers.add(now, nonce, response)) {
        counters.limited++;
        return;
      }
      pending?.erase();
      pending = createSession({ keys: answer.keys, index, remoteIndex, initiator: false, begun: now, since: now });
      pendingUntil = now + times.confirmWithin;
      capable = true;
      world.wake(pendingUntil);
      ports.transmit(address, response);
    },
    response(now, packet) {
      if (attempt === null || attempt.phase !== 'init' || !attempt.isNamed(packet.nonce)) return;
      const result = attempt.answered(packet.noise);
      if (result === null) {
        counters.forged++;
        return;
      }
      lastUsed = now;
      lastHeard = now;
      const { index, begun } = attempt;
      const session = createSession({ ...result, index, initiator: true, begun, since: now });
      attempt = null;
      established();
      if (losesTie(session)) {
        // The peer heard nothing in it yet, and is not to.
        session.erase();
        release(now);
        return;
      }
      adopt(now, session);
      confirmations = 0;
      confirmAt = now + (times.retries[0] ?? never);
      world.wake(confirmAt);
      if (held.size() === 0) sendIn(session, 'keepalive', nothing, address);
      release(now);
    },
    data(now, head, packet) {
      lastUsed = now;
      const session = sessionOf(head.index);
      if (session === null || now - session.since >= times.rejectAfter) {
        unknown(now);
        return null;
      }
      const opened = session.open(head, packet);
      if (opened === 'replayed' || opened === 'forged') {
        counters[opened]++;
        return null;
      }
      lastHeard = now;
      session.heard = true;
      doubtAt = never;
      doubted = false;
      if (session === pending) promote(now, session);
      else if (session === current) {
        if (previous !== null && previousUntil === never) {
          previousUntil = now + times.overlap;
          world.wake(previousUntil);
        }
        // Who only listens would let the session end under the sender's feet.
        if (session.initiator && now - session.since >= times.answererRekeyAfter) begin(now);
      }
      if (head.type === 'keepalive') return null;
      if (keepaliveAt === never) {
        keepaliveAt = now + times.keepaliveAfter;
        world.wake(keepaliveAt);
      }
      return opened;
    },
    unknown,
    admitStatic(now) {
      const session = usable(now);
      if (mode === 'off' || (mode === 'prefer' && (session === null || now < staticUntil))) return true;
      counters.outside++;
      if (session === null) hint(now);
      else if (now >= promptAt) {
        // A peer that restarted finds this in a session it does not know, and begins a new one; so does one that waits for
        // our first packet in it.
        promptAt = now + promptEvery;
        sendIn(session, 'keepalive', nothing, address);
      }
      return false;
    },
    openOwn(head, packet) {
      for (const session of [current, previous]) {
        if (session?.remoteIndex === head.index) return session.openOwn(packet);
      }
      return null;
    },
    tick(now) {
      if (attempt !== null && now >= attempt.due) {
        if (attempt.again(now)) ports.transmit(address, attempt.packet);
        else giveUp(now);
      }
      if (pending !== null && now >= pendingUntil) {
        pending.erase();
        pending = null;
        pendingUntil = never;
        answers.settle();
      }
      if (previous !== null && now >= Math.min(previousUntil, previous.since + times.rejectAfter)) {
        previous.erase();
        previous = null;
        previousUntil = never;
      }
      if (current !== null && now - current.since >= times.rejectAfter) {
        current.erase();
        current = null;
        keepaliveAt = never;
        doubtAt = never;
        confirmAt = never;
        ports.changed(publicKey, false);
      }
      if (now >= confirmAt) {
        const wait = times.retries[++confirmations];
        const session = usable(now);
        confirmAt = session === null || session.heard || wait === undefined ? never : now + wait;
        if (session !== null && !session.heard) sendIn(session, 'keepalive', nothing, address);
      }
      if (now >= keepaliveAt) {
        const session = usable(now);
        if (session !== null) sendIn(session, 'keepalive', nothing, address);
        keepaliveAt = never;
      }
      if (now >= doubtAt) {
        doubtAt = never;
        doubted = true;
        offerAt = Math.min(offerAt, now);
        begin(now);
      }
      if (now >= heldUntil) {
        // Waited for once; until it answers again, what follows goes without a session at once.
        capable = false;
        release(now);
      }
      if (held.size() > 0) begin(now);
    },
    due() {
      return Math.min(
        attempt?.due ?? never,
        pending === null ? never : pendingUntil,
        previous === null ? never : Math.min(previousUntil, previous.since + times.rejectAfter),
        current === null ? never : current.since + times.rejectAfter,
        confirmAt,
        keepaliveAt,
        doubtAt,
        heldUntil,
        held.size() > 0 && attempt === null ? offerAt : never,
      );
    },
    isIdle: (now) =>
      mode !== 'require' && attempt === null && held.size() === 0 && pending === null && usable(now) === null,
    hasSession: (now) => usable(now) !== null,
    status: (now) => ({
      publicKey,
      mode,
      state: usable(now) !== null ? 'established' : attempt !== null ? 'offering' : 'none',
      since: usable(now)?.since ?? null,
      sent: usable(now)?.sent() ?? 0,
      capable,
    }),
    erase() {
      endAttempt();
      eraseSessions();
      held.take();
    },
  };
}
