import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toHex } from '#core/crypto/encoding.ts';
import { hex } from '#core/testing/hex.ts';
import { prologueOf } from './attempt.ts';
import { type HandshakeStart, initiate, receive } from './handshake.ts';
import { createSession } from './session.ts';
import { decodeIntro, encodeHandshake, encodeIntro, sessionOverhead } from './wire.ts';

/*
 * One handshake and a few packets with fixed randomness, in vectors.json: the format is frozen by it. The packets are what
 * goes into user data of type 72; the seal around it has vectors of its own (testing/vectors.ts of the mesh).
 */
const text = z.string();
const shape = z.object({
  initiator: z.object({ secret: text, publicKey: text, ephemeral: text, kemSeed: text, index: z.number() }),
  responder: z.object({ secret: text, publicKey: text, ephemeral: text, kemRandom: text, index: z.number() }),
  initiatorIsGreater: z.boolean(),
  nonce: text,
  cookie: text,
  prologue: text,
  hello: text,
  challenge: text,
  init: text,
  response: text,
  keyOfInitiator: text,
  keyOfResponder: text,
  data: z.array(
    z.object({
      from: z.enum(['initiator', 'responder']),
      type: z.enum(['ipv6', 'message', 'keepalive']),
      payload: text,
      packet: text,
    }),
  ),
});
const vectors = shape.parse(JSON.parse(await readFile(new URL('vectors.json', import.meta.url), 'utf8')));

/** Hands out what it was given, in turn, and nothing else. */
function only(...given: string[]): (n: number) => Uint8Array {
  return (n) => {
    const next = hex(given.shift() ?? '');
    if (next.length !== n) throw new Error(`asked for ${n} bytes`);
    return next;
  };
}

describe('the vectors of a session', () => {
  const { initiator, responder, initiatorIsGreater: greater } = vectors;
  const [nonce, cookie] = [hex(vectors.nonce), hex(vectors.cookie)];
  const prologue = prologueOf(greater, nonce, cookie);
  const start = (
    self: typeof initiator | typeof responder,
    peer: { publicKey: string },
    random: HandshakeStart['random'],
  ) => ({
    ...{
      self: { secret: hex(self.secret), publicKey: hex(self.publicKey) },
      peer: hex(peer.publicKey),
      prologue,
      random,
    },
  });

  it('are what the handshake and the data packets come out as', () => {
    expect(toHex(prologue)).toBe(vectors.prologue);
    expect(toHex(encodeHandshake({ kind: 'hello', greater, nonce }))).toBe(vectors.hello);
    expect(toHex(encodeHandshake({ kind: 'challenge', greater: !greater, nonce, cookie }))).toBe(vectors.challenge);

    const random = only(initiator.ephemeral, initiator.kemSeed);
    const initiation = initiate(start(initiator, responder, random), encodeIntro(initiator.index));
    const noise = initiation?.message ?? hex('');
    expect(toHex(encodeHandshake({ kind: 'init', greater, nonce, cookie, noise }))).toBe(vectors.init);

    const coins = only(responder.ephemeral, responder.kemRandom);
    const invitation = receive(start(responder, initiator, coins), noise);
    expect(decodeIntro(invitation?.payload ?? hex(''))).toBe(initiator.index);
    const answer = invitation?.answer(encodeIntro(responder.index));
    const response = { kind: 'response', greater: !greater, nonce, noise: answer?.message ?? hex('') } as const;
    expect(toHex(encodeHandshake(response))).toBe(vectors.response);

    const result = initiation?.finish(answer?.message ?? hex(''));
    expect(decodeIntro(result?.payload ?? hex(''))).toBe(responder.index);
    const keys = result?.keys ?? { send: hex(''), receive: hex('') };
    expect({ send: toHex(keys.send), receive: toHex(keys.receive) }).toEqual({
      send: vectors.keyOfInitiator,
      receive: vectors.keyOfResponder,
    });
    const since = 0;
    const sides = {
      initiator: createSession({
        ...{ keys, index: initiator.index, remoteIndex: responder.index, initiator: true, since },
      }),
      responder: createSession({
        keys: answer?.keys ?? keys,
        ...{ index: responder.index, remoteIndex: initiator.index, initiator: false, since },
      }),
    };
    for (const { from, type, payload, packet } of vectors.data) {
      const target = new Uint8Array(payload.length / 2 + sessionOverhead);
      expect(sides[from].seal(type, hex(payload), target)).toBe(target.length);
      expect(toHex(target)).toBe(packet);
    }
  });
});
