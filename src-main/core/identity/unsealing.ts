import { equalBytes } from '#core/crypto/equal.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';
import { failures } from './failures.ts';
import type { Guard } from './guard.ts';
import { factorCheck, openKeystore, type SecondFactor } from './keystore.ts';
import type { Keystore } from './keystore-format.ts';
import type { TwoCopies } from './two-copies.ts';

export interface Unsealed {
  readonly entropy: Uint8Array;
  readonly keystore: Keystore;
  /** Present when the keystore has one. */
  readonly factor: SecondFactor | null;
}

/**
 * Open the keystore file with a passphrase, under the rate limit.
 *
 * @throws Fail WRONG_PASSPHRASE, TOO_MANY_TRIES, KEYSTORE_DAMAGED, SECOND_FACTOR_MISSING
 */
export async function unseal(
  file: TwoCopies<Keystore>,
  guard: Guard,
  host: Host,
  passphrase: string,
): Promise<Unsealed> {
  const read = await file.read();
  if (read.state !== 'good') throw failures.damaged(file.path, read.state === 'missing' ? 'it is gone' : read.cause);
  const keystore = read.value;
  await guard.begin();
  let factor: SecondFactor | null;
  try {
    factor = await openFactor(keystore, host);
  } catch (error) {
    await guard.void();
    throw error;
  }
  const opened = await openKeystore(keystore, passphrase, factor?.secret ?? null);
  if (opened.ok) {
    await guard.right();
    return { entropy: opened.entropy, keystore, factor };
  }
  wipe(factor?.secret);
  if (opened.why === 'WRONG_PASSPHRASE') throw failures.wrongPassphrase(guard.retryAt());
  await guard.void();
  throw failures.damaged(file.path, 'the passphrase is right, but what it protects was changed');
}

async function openFactor({ header }: Keystore, host: Host): Promise<SecondFactor | null> {
  if (header.factor === null) return null;
  if (host.keyring === null) throw failures.factorMissing(host.keyringDetail);
  let secret: Uint8Array;
  try {
    secret = await host.keyring.open(header.factor.sealed);
  } catch {
    throw failures.factorMissing('the keyring no longer knows it.');
  }
  if (!equalBytes(factorCheck(secret), header.factor.check)) {
    throw failures.factorMissing('the keyring answered with another secret.');
  }
  return { secret, sealed: header.factor.sealed };
}

/** A fresh second factor, or null when the keyring does not seal. */
export async function makeFactor(host: Host): Promise<SecondFactor | null> {
  if (host.keyring === null) return null;
  const secret = host.random(32);
  try {
    const sealed = await host.keyring.seal(secret);
    return sealed.length > 0 ? { secret, sealed } : null;
  } catch {
    return null;
  }
}
