import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url } from '#core/crypto/encoding.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { personIdSchema, timeSchema } from '#shared/model/ids.ts';
import type { PairingChannel } from './channel.ts';
import { failures } from './failures.ts';
import type { Direction } from './secrets.ts';
import { decodeMessage, encodeMessage, type Message } from './wire.ts';

/* What is said after the handshake, sealed: canonical JSON, one object a message. */

const bytesOf = (length: number) => z.string().refine((text) => fromBase64url(text)?.length === length);

export const wordSchema = z.discriminatedUnion('t', [
  /** B: the person at B says the codes are equal. */
  z.strictObject({ t: z.literal('agreed') }),
  /** A: what B is to prove its key over: the record in force, and the time. */
  z.strictObject({ t: z.literal('certify'), on: bytesOf(32), at: timeSchema }),
  /** B: signature by its own signing key over the entry (key-log.md). */
  z.strictObject({ t: z.literal('proof'), proof: bytesOf(64) }),
  /** A: B is certified. With `entropy` B gets the person's keys too. */
  z.strictObject({
    t: z.literal('welcome'),
    person: personIdSchema,
    name: displayNameSchema,
    /** The key log with B in it, in bytes (contact-card.md), base64url. */
    log: z.string(),
    entropy: bytesOf(32).optional(),
  }),
  /** B: all of it is on its disk. */
  z.strictObject({ t: z.literal('done') }),
  /** Either: its person said no, or it cannot go on. */
  z.strictObject({ t: z.literal('no') }),
]);
export type Word = z.infer<typeof wordSchema>;

/** @throws Fail PAIRING_BROKEN when the other side is gone */
export async function send(channel: PairingChannel, message: Uint8Array): Promise<void> {
  await channel.send(message).catch(() => {
    throw failures.left();
  });
}

/** Read the next message of one kind. @throws Fail PAIRING_BROKEN */
export async function expectMessage<T extends Message['type']>(
  channel: PairingChannel,
  type: T,
  signal: AbortSignal,
): Promise<{ raw: Uint8Array; message: Extract<Message, { type: T }> }> {
  const raw = await channel.receive(signal);
  if (raw === null) throw failures.left();
  const message = decodeMessage(raw);
  if (message === null || message.type !== type) throw failures.broken();
  return { raw, message: message as Extract<Message, { type: T }> };
}

/** The sealed conversation of one side. */
export class Talk {
  readonly #channel: PairingChannel;
  readonly #out: Direction;
  readonly #in: Direction;

  constructor(channel: PairingChannel, out: Direction, incoming: Direction) {
    this.#channel = channel;
    this.#out = out;
    this.#in = incoming;
  }

  async say(word: Word): Promise<void> {
    const sealed = this.#out.seal(utf8(canonicalJson(word)));
    await send(this.#channel, encodeMessage({ type: 'sealed', sealed }));
  }

  /** @throws Fail PAIRING_BROKEN for anything else, PAIRING_REFUSED for a no */
  async hear<T extends Word['t']>(t: T, signal: AbortSignal): Promise<Extract<Word, { t: T }>> {
    const { message } = await expectMessage(this.#channel, 'sealed', signal);
    const plain = this.#in.open(message.sealed);
    if (plain === null) throw failures.broken();
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(plain));
    } catch {
      throw failures.broken();
    }
    const word = wordSchema.safeParse(value);
    if (!word.success) throw failures.broken();
    if (word.data.t === 'no') throw failures.refused();
    if (word.data.t !== t) throw failures.broken();
    return word.data as Extract<Word, { t: T }>;
  }
}
