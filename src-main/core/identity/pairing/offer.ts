import { toBase64url } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { xwingDecapsulate, xwingEncapsulate, xwingKeys, xwingRandomBytes } from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { PersonId } from '#shared/model/ids.ts';
import { encodeLog } from '../contacts/log-bytes.ts';
import { deviceIdOf } from '../device-keys.ts';
import { type DeviceAdd, deviceProofHolds, type Entry, signEntry } from '../key-log-entry.ts';
import type { KeySet } from '../person-keys.ts';
import type { PairingChannel } from './channel.ts';
import { failures } from './failures.ts';
import { commitmentTo, Direction, sessionKeys, shortCode } from './secrets.ts';
import { expectMessage, send, Talk } from './talk.ts';
import { encodeMessage, type Joiner, nonceBytes } from './wire.ts';

export interface OfferDeps {
  readonly channel: PairingChannel;
  readonly random: (n: number) => Uint8Array;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Show the code and the joining device's name; resolves with what the person says, and how much the device is to get. */
  confirm(code: string, name: string): Promise<{ readonly equal: boolean; readonly withKeys: boolean }>;
  /** The person's keys, asked for when they are needed: the agent may have locked in the meantime. @throws Fail LOCKED */
  secrets(): { readonly keys: KeySet; readonly entropy: Uint8Array; readonly head: Uint8Array };
  /** Put the entry into the key log. Durable when it resolves, with the log and the person as they are now. */
  keep(entry: Entry, name: string): Promise<{ person: PersonId; name: string; log: readonly Entry[] }>;
}

/**
 * Certify another device of the person, from the side that has the keys.
 *
 * @returns the entry of the new device, once it said that it keeps what it was given
 * @throws Fail PAIRING_BROKEN, PAIRING_REFUSED, LOCKED
 */
export async function offerPairing(deps: OfferDeps): Promise<DeviceAdd> {
  const { channel } = deps;
  try {
    return await run(deps);
  } finally {
    channel.close();
  }
}

async function run({ channel, random, now, signal, confirm, secrets, keep }: OfferDeps): Promise<DeviceAdd> {
  const commit = await expectMessage(channel, 'commit', signal);
  const kem = xwingKeys(random(32));
  const offer = encodeMessage({ type: 'offer', kem: kem.publicKey, nonce: random(nonceBytes) });
  await send(channel, offer);
  const reveal = await expectMessage(channel, 'reveal', signal);
  const { joiner, body } = reveal.message;
  if (!equalBytes(commitmentTo(body), commit.message.commitment)) throw failures.broken();
  const forA = xwingDecapsulate(kem.secret, reveal.message.ciphertext);
  const forB = xwingEncapsulate(joiner.kem, random(xwingRandomBytes));
  wipe(kem.secret);
  if (forA === null || forB === null) throw failures.broken();
  const answer = encodeMessage({ type: 'answer', ciphertext: forB.ciphertext });
  await send(channel, answer);
  const keys = sessionKeys(forB.secret, forA, [commit.raw, offer, reveal.raw, answer]);
  const talk = new Talk(channel, new Direction(keys.fromA), new Direction(keys.fromB));

  const said = await confirm(shortCode(offer, body), joiner.name);
  if (!said.equal) {
    await talk.say({ t: 'no' }).catch(() => {});
    throw failures.differs();
  }
  await talk.hear('agreed', signal);
  const { head } = secrets();
  const unsigned = unsignedEntry(joiner, head, now());
  await talk.say({ t: 'certify', on: unsigned.on, at: unsigned.at });
  const { proof } = await talk.hear('proof', signal);
  const { keys: personKeys, entropy } = secrets();
  const entry = signEntry({ ...unsigned, proof }, personKeys);
  if (!deviceProofHolds(entry)) throw failures.broken();
  const kept = await keep(entry, joiner.name);
  await talk.say({
    t: 'welcome',
    person: kept.person,
    name: kept.name,
    log: toBase64url(encodeLog(kept.log)),
    ...(said.withKeys ? { entropy: toBase64url(entropy) } : {}),
  });
  await talk.hear('done', signal);
  return entry;
}

export function unsignedEntry({ device }: Pick<Joiner, 'device'>, head: Uint8Array, at: number) {
  return {
    v: 1 as const,
    type: 'device-add' as const,
    on: toBase64url(head),
    device: deviceIdOf(device.sign),
    keys: {
      sign: toBase64url(device.sign),
      mesh: toBase64url(device.mesh),
      meshSign: toBase64url(device.meshSign),
      host: toBase64url(device.host),
    },
    at,
  };
}
