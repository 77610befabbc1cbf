import { fromBase64url } from '#core/crypto/encoding.ts';
import { xwingDecapsulate, xwingEncapsulate, xwingKeys, xwingRandomBytes } from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { PersonId } from '#shared/model/ids.ts';
import { readBytes } from '../contacts/byte-reader.ts';
import { decodeLog } from '../contacts/log-bytes.ts';
import { type DeviceKeys, deviceIdOf, devicePublicKeys } from '../device-keys.ts';
import { personOf } from '../establish.ts';
import { verifyKeyLog } from '../key-log.ts';
import { type Entry, proveDevice } from '../key-log-entry.ts';
import { derivePersonKeys, wipePersonKeys } from '../person-keys.ts';
import type { PairingChannel } from './channel.ts';
import { failures } from './failures.ts';
import { unsignedEntry } from './offer.ts';
import { commitmentTo, Direction, sessionKeys, shortCode } from './secrets.ts';
import { expectMessage, send, Talk } from './talk.ts';
import { encodeJoiner, encodeMessage, nonceBytes } from './wire.ts';

/** What a device that joined has to keep. */
export interface Welcome {
  readonly person: PersonId;
  readonly name: string;
  readonly log: readonly Entry[];
  /** The person's 32 bytes, when they chose to have their keys on this device too; wiped afterwards. */
  readonly entropy: Uint8Array | null;
}

export interface JoinDeps {
  readonly channel: PairingChannel;
  readonly random: (n: number) => Uint8Array;
  readonly signal: AbortSignal;
  readonly device: DeviceKeys;
  readonly name: string;
  /** Show the code; resolves with whether the person says that it is the same on both screens. */
  confirm(code: string): Promise<boolean>;
  /** Durable when it resolves. */
  adopt(welcome: Welcome): Promise<void>;
}

/**
 * Become a device of a person, from the side that joins.
 *
 * @throws Fail PAIRING_BROKEN, PAIRING_REFUSED
 */
export async function joinPairing(deps: JoinDeps): Promise<void> {
  try {
    await run(deps);
  } finally {
    deps.channel.close();
  }
}

async function run({ channel, random, signal, device, name, confirm, adopt }: JoinDeps): Promise<void> {
  const kem = xwingKeys(random(32));
  const publicKeys = devicePublicKeys(device);
  const body = encodeJoiner({ kem: kem.publicKey, nonce: random(nonceBytes), device: publicKeys, name });
  const commit = encodeMessage({ type: 'commit', commitment: commitmentTo(body) });
  await send(channel, commit);
  const offer = await expectMessage(channel, 'offer', signal);
  const forA = xwingEncapsulate(offer.message.kem, random(xwingRandomBytes));
  if (forA === null) throw failures.broken();
  const reveal = encodeMessage({ type: 'reveal', ciphertext: forA.ciphertext, body });
  await send(channel, reveal);
  const answer = await expectMessage(channel, 'answer', signal);
  const forB = xwingDecapsulate(kem.secret, answer.message.ciphertext);
  wipe(kem.secret);
  if (forB === null) throw failures.broken();
  const keys = sessionKeys(forB, forA.secret, [commit, offer.raw, reveal, answer.raw]);
  const talk = new Talk(channel, new Direction(keys.fromB), new Direction(keys.fromA));

  if (!(await confirm(shortCode(offer.raw, body)))) {
    await talk.say({ t: 'no' }).catch(() => {});
    throw failures.differs();
  }
  await talk.say({ t: 'agreed' });
  const { on, at } = await talk.hear('certify', signal);
  const head = fromBase64url(on);
  if (head === null) throw failures.broken();
  await talk.say({ t: 'proof', proof: proveDevice(unsignedEntry({ device: publicKeys }, head, at), device.sign) });
  const welcome = await talk.hear('welcome', signal);
  const log = decodeLog(readBytes(fromBase64url(welcome.log) ?? new Uint8Array(0)));
  const verified = log && verifyKeyLog(log);
  if (log === null || !verified?.ok || verified.log.person !== welcome.person) throw failures.notTheirs();
  const mine = verified.log.devices.find(({ id }) => id === deviceIdOf(publicKeys.sign));
  if (mine === undefined || mine.revokedAt !== null) throw failures.notTheirs();
  const entropy = welcome.entropy === undefined ? null : fromBase64url(welcome.entropy);
  try {
    if (entropy !== null && !belongs(entropy, welcome.person)) throw failures.notTheirs();
    await adopt({ person: welcome.person, name: welcome.name, log, entropy });
  } finally {
    wipe(entropy);
  }
  await talk.say({ t: 'done' });
}

function belongs(entropy: Uint8Array, person: PersonId): boolean {
  const keys = derivePersonKeys(entropy);
  const same = personOf(keys) === person;
  wipePersonKeys(keys);
  return same;
}
