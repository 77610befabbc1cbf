import { expect, it } from 'vitest';
import { type LockClient, lockBeforeSleep } from './lock-on-sleep.ts';

it('locks before the computer sleeps, unless the person chose never to lock automatically', async () => {
  const locked = async (state: string, autoLockMinutes: number): Promise<boolean> => {
    let calls = 0;
    await lockBeforeSleep({
      'identity.status': async () => ({ state, autoLockMinutes }),
      'identity.lock': async () => {
        calls += 1;
        return {};
      },
    } as unknown as LockClient);
    return calls === 1;
  };
  expect(await locked('unlocked', 15)).toBe(true);
  expect(await locked('unlocked', 0)).toBe(false);
  expect(await locked('locked', 15)).toBe(false);
  expect(await locked('none', 15)).toBe(false);
});
