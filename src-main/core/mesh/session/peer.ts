import type { SendOptions } from '../forward/ports.ts';
import { addressOf } from '../identity/address.ts';
import { createAnswers } from './answers.ts';
import { type Attempt, createAttempt, prologueOf } from './attempt.ts';
import { receive } from './handshake.ts';
import { createHeld } from './held.ts';
import { createKeyRing } from './key-ring.ts';
import { createLiveness } from './liveness.ts';
import { createOffers } from './offers.ts';
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
import type { SessionMode, SessionStatus, World } from './world.ts';

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
  const ring = createKeyRing(times);
  const liveness = createLiveness(times);
  const offers = createOffers(times, random, created);
  const answers = createAnswers();
  const held = createHeld({ packets: limits.heldPackets, bytes: limits.heldBytes }, world.held);
  const inits = createRate(created, 1 / limits.peerInitEvery, limits.peerInitBurst);
  const hellos = createRate(created, limits.peerHellos, limits.peerHelloBurst);
  let mode = initialMode;
  let lastUsed = created;
  let attempt: Attempt | null = null;
  /** It answered an offer in this run. */
  let capable = false;
  let heldUntil = never;
  /** Packets outside a session are taken until then: they were on their way when the first one came to be. */
  let staticUntil = created;
  let promptAt = created;

  const sendIn = (
    now: number,
    session: Session,
    type: DataType,
    payload: Uint8Array,
    destination: Uint8Array,
    options?: SendOptions,
  ): boolean => {
    const length = payload.length + sessionOverhead;
    if (scratch.length < length) scratch = new Uint8Array(length);
    session.seal(type, payload, scratch);
    liveness.sent(now, type !== 'keepalive');
    return ports.transmit(destination, scratch.subarray(0, length), options);
  };

  const keepAlive = (now: number): void => {
    const session = ring.usable(now);
    if (session !== null) sendIn(now, session, 'keepalive', nothing, address);
  };

  const sendData = (
    now: number,
    session: Session,
    type: 'ipv6' | 'message',
    destination: Uint8Array,
    payload: Uint8Array,
    options?: SendOptions,
  ): boolean => {
    const sent = sendIn(now, session, type, payload, destination, options);
    const old = now - session.since >= (session.initiator ? times.rekeyAfter : times.answererRekeyAfter);
    if (old || session.sent() >= times.rekeyAfterPackets) begin(now);
    world.wake(liveness.due());
    return sent;
  };

  const freeIndex = (): number => {
    for (;;) {
      const index = u24(random(3), 0);
      if (index !== 0 && !ring.hasIndex(index) && attempt?.index !== index) return index;
    }
  };

  const begin = (now: number): void => {
    if (attempt !== null || mode === 'off' || !offers.may(now)) return;
    const { self } = world;
    const { retries } = times;
    attempt = createAttempt({ self, peer: publicKey, greater, random, retries, index: freeIndex() }, now);
    ports.transmit(address, attempt.packet);
    world.wake(attempt.due);
  };

  const endAttempt = (): void => {
    attempt?.wipe();
    attempt = null;
  };

  const endSessions = (): void => {
    answers.settle();
    liveness.end();
    if (ring.erase()) ports.changed(publicKey, false);
  };

  const giveUp = (now: number): void => {
    endAttempt();
    offers.failed(now, capable || mode === 'require');
    if (mode === 'require') return;
    if (liveness.doubted) endSessions();
    if (ring.usable(now) !== null) return;
    capable = false;
    release(now);
  };

  /** What waited goes out, in a session if there is one, else as the mode allows. */
  const release = (now: number): void => {
    heldUntil = never;
    for (const packet of held.take()) {
      const { type, destination, payload, options } = packet;
      const session = ring.usable(now);
      if (session !== null) sendData(now, session, type, destination, payload, options);
      else if (mode === 'require') ports.refused(packet);
      else ports.sendStatic(type, destination, payload, options);
    }
  };

  /** Use a session from now on, and say something in it, so that the peer does as well. */
  const adopt = (now: number, session: Session): void => {
    if (ring.usable(now) === null) staticUntil = now + times.staticGrace;
    ring.adopt(session);
    liveness.begin(now, session.initiator);
    offers.succeeded(now);
    answers.settle();
    endAttempt();
    capable = true;
    counters.handshakes++;
    world.wake(Math.min(ring.due(), liveness.due()));
    ports.changed(publicKey, true);
    keepAlive(now);
    release(now);
  };

  /** Begin because of a packet that anybody may have played back. */
  const beginOnHint = (now: number): void => {
    if (offers.hint(now)) begin(now);
  };

  const unknown = (now: number): void => {
    counters.unknown++;
    if (mode === 'off') return;
    // Heard of it in a session a moment ago: that was an old packet, played back or late.
    if (ring.usable(now) !== null && liveness.isRecent(now)) return;
    beginOnHint(now);
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
        endSessions();
      }
      if (mode !== 'require') release(now);
    },
    send(now, type, destination, payload, options) {
      lastUsed = now;
      const session = ring.usable(now);
      if (session !== null) return sendData(now, session, type, destination, payload, options) ? 'sent' : 'refused';
      if (mode === 'off') return 'static';
      begin(now);
      const wait = mode === 'require' ? times.holdRequired : capable && attempt !== null ? times.hold : 0;
      if (wait === 0) return 'static';
      if (!held.add({ type, destination, payload, options })) return mode === 'require' ? 'refused' : 'static';
      if (heldUntil === never) heldUntil = now + wait;
      world.wake(Math.min(heldUntil, offers.at));
      return 'held';
    },
    hello(now, nonce) {
      lastUsed = now;
      if (mode === 'off' || attempt?.isNamed(nonce)) return false;
      if (!hellos.take(now)) {
        counters.limited++;
        return false;
      }
      if (attempt === null) return true;
      // Both begin at once: the greater key's handshake goes on, the other waits for its init.
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
      const trusted = mode === 'require' || ring.usable(now) !== null;
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
      capable = true;
      ring.answer(now, createSession({ keys: answer.keys, index, remoteIndex, initiator: false, since: now }));
      world.wake(ring.due());
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
      adopt(now, createSession({ ...result, index: attempt.index, initiator: true, since: now }));
    },
    data(now, head, packet) {
      lastUsed = now;
      const session = ring.find(now, head.index);
      if (session === null) {
        unknown(now);
        return null;
      }
      const opened = session.open(head, packet);
      if (opened === 'replayed' || opened === 'forged') {
        counters[opened]++;
        return null;
      }
      const isData = head.type !== 'keepalive';
      if (ring.heard(now, session)) adopt(now, session);
      liveness.heard(now, isData);
      // Who only listens would let the session end under the sender's feet.
      const old = session.initiator && now - session.since >= times.answererRekeyAfter;
      if (old && session === ring.usable(now)) begin(now);
      world.wake(Math.min(liveness.due(), ring.due()));
      return isData ? opened : null;
    },
    unknown,
    admitStatic(now) {
      const session = ring.usable(now);
      if (mode === 'off' || (mode === 'prefer' && (session === null || now < staticUntil))) return true;
      counters.outside++;
      if (session === null) beginOnHint(now);
      else if (now >= promptAt) {
        // A peer that restarted finds this in a session it does not know, and begins a new one; so does one that waits for
        // our first packet in it.
        promptAt = now + promptEvery;
        keepAlive(now);
      }
      return false;
    },
    openOwn: (head, packet) => ring.findSent(head.index)?.openOwn(packet) ?? null,
    tick(now) {
      if (attempt !== null && now >= attempt.due) {
        if (attempt.again(now)) ports.transmit(address, attempt.packet);
        else giveUp(now);
      }
      const gone = ring.expire(now);
      if (gone.pending) answers.settle();
      if (gone.current) {
        liveness.end();
        ports.changed(publicKey, false);
      }
      const { speak, doubt } = liveness.tick(now);
      if (speak) keepAlive(now);
      if (doubt) {
        offers.hurry(now);
        begin(now);
      }
      if (now >= heldUntil) {
        // Waited for once; until it answers again, what follows goes without a session at once.
        capable = false;
        release(now);
      }
      if (held.size() > 0) begin(now);
    },
    due: () =>
      Math.min(
        attempt?.due ?? never,
        ring.due(),
        liveness.due(),
        heldUntil,
        held.size() > 0 && attempt === null ? offers.at : never,
      ),
    isIdle: (now) =>
      mode !== 'require' && attempt === null && held.size() === 0 && !ring.hasPending() && ring.usable(now) === null,
    hasSession: (now) => ring.usable(now) !== null,
    status(now) {
      const session = ring.usable(now);
      const state = session !== null ? 'established' : attempt !== null ? 'offering' : 'none';
      return { publicKey, mode, state, since: session?.since ?? null, sent: session?.sent() ?? 0, capable };
    },
    erase() {
      endAttempt();
      endSessions();
      held.take();
    },
  };
}
