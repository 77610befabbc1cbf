import { describe, expect, it } from 'vitest';
import { identityNone, identityUnlocked, machine, vaultNone, vaultReady } from '../../testing/samples.ts';
import { nextStepOf, truthOf } from './truth.ts';

describe('the sentence of Home', () => {
  const me = identityUnlocked;

  it('says that files are only here as long as no device may be lost, whatever k and m are', () => {
    expect(truthOf(me, { ...vaultReady, survivesPlaces: 5, survivesDevices: 0 }, []).key).toBe('home.truth.onlyHere');
    expect(truthOf(me, { ...vaultReady, safety: 'safe', survivesDevices: 1, devices: 3 }, []).key).toBe(
      'home.truth.safe',
    );
  });

  it('does not say that files are only here when another device holds pieces of them', () => {
    expect(truthOf(me, { ...vaultReady, survivesDevices: 0, devices: 2 }, []).key).toBe('home.truth.oneTooMany');
  });

  it('puts loss before everything else', () => {
    const machines = [machine('web', 'crashed')];
    expect(truthOf(me, { ...vaultReady, damaged: 1, atRisk: 2 }, machines).key).toBe('home.truth.damaged');
    expect(truthOf(me, { ...vaultReady, atRisk: 2 }, machines).tone).toBe('danger');
    expect(truthOf(me, vaultReady, machines).key).toBe('home.truth.machineBroken');
  });

  it('leads one step at a time', () => {
    expect(nextStepOf(identityNone, vaultNone, [])?.key).toBe('home.next.identity');
    expect(nextStepOf(me, vaultNone, [])?.key).toBe('home.next.vault');
    expect(nextStepOf(me, { ...vaultReady, files: 0 }, [])?.key).toBe('home.next.files');
    expect(nextStepOf(me, vaultReady, [])?.key).toBe('home.next.place');
    const safe = { ...vaultReady, safety: 'safe' as const, survivesDevices: 1 };
    expect(nextStepOf(me, safe, [])?.key).toBe('home.next.machine');
    expect(nextStepOf(me, safe, [machine('web', 'running')])).toBeNull();
  });
});
