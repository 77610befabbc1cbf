import type { LocalConnection } from '../local/local-client.ts';

/** What locking before sleep asks of the agent; a part of the client, so that tests can stand in for it. */
export type LockClient = Pick<LocalConnection['client'], 'identity.status' | 'identity.lock'>;

/**
 * The computer is about to sleep: what it keeps in memory can be taken from it (a "cold boot"), and who wakes it may be
 * somebody else. So the person keys are forgotten now, unless the person chose never to lock automatically.
 */
export async function lockBeforeSleep(client: LockClient): Promise<void> {
  const { state, autoLockMinutes } = await client['identity.status']({});
  if (state === 'unlocked' && autoLockMinutes !== 0) await client['identity.lock']({});
}
