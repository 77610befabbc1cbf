import { describe, expect, it } from 'vitest';
import { hasTray, mayStartHidden, onClose } from './close-rules.ts';
import { keyringState } from './keyring-state.ts';
import { silence, taskNotice } from './notify-rules.ts';
import { afterCrash } from './restart-policy.ts';
import { trayModel } from './tray-model.ts';

describe('the keyring', () => {
  const linux = (backend: string | null, available = true) => keyringState({ platform: 'linux', available, backend });
  it('is told apart from what only hides a secret', () => {
    expect(linux('basic_text')).toMatchObject({ usable: false, detail: expect.stringContaining('basic_text') });
    expect(linux('gnome_libsecret').usable).toBe(true);
    expect(linux('kwallet6').detail).toMatch(/KWallet/);
    expect(linux('unknown').usable).toBe(false);
    expect(linux('gnome_libsecret', false).usable).toBe(false);
    expect(linux(null).usable).toBe(false);
    expect(keyringState({ platform: 'darwin', available: true, backend: null }).usable).toBe(true);
    expect(keyringState({ platform: 'win32', available: false, backend: null }).usable).toBe(false);
  });
});

describe('starting the core again', () => {
  it('waits longer each time and gives up after five within two minutes', () => {
    const waits = [1, 2, 3, 4, 5].map((n) =>
      afterCrash(
        Array.from({ length: n }, () => 1000),
        1000,
      ),
    );
    expect(waits).toEqual([
      { kind: 'wait', ms: 250 },
      { kind: 'wait', ms: 500 },
      { kind: 'wait', ms: 1000 },
      { kind: 'wait', ms: 2000 },
      { kind: 'give up' },
    ]);
  });
  it('forgets crashes of long ago', () => {
    expect(afterCrash([0, 0, 0, 0, 0, 500_000], 500_000)).toEqual({ kind: 'wait', ms: 250 });
  });
});

describe('notifications', () => {
  const facts = { now: 10_000_000, focused: false, enabled: true, onboarded: true, lastShown: null };
  it('are shown only when the person cannot see it otherwise, once an hour a subject', () => {
    expect(silence(facts)).toBeNull();
    expect(silence({ ...facts, focused: true })).toMatch(/in front/);
    expect(silence({ ...facts, enabled: false })).toMatch(/switched off/);
    expect(silence({ ...facts, onboarded: false })).toMatch(/first run/);
    expect(silence({ ...facts, lastShown: facts.now - 3_599_999 })).toMatch(/hour/);
    expect(silence({ ...facts, lastShown: facts.now - 3_600_000 })).toBeNull();
  });
  it('tell of long work only, and not of what was cancelled', () => {
    const task = { id: 't', title: 'Store 3 files', startedAt: 0, endedAt: 40_000, failure: null } as const;
    expect(taskNotice({ ...task, state: 'done' })).toMatchObject({ title: 'Finished', body: 'Store 3 files' });
    expect(taskNotice({ ...task, state: 'failed', failure: { message: 'The disk is full.' } })?.body).toBe(
      'Store 3 files: The disk is full.',
    );
    expect(taskNotice({ ...task, state: 'cancelled' })).toBeNull();
    expect(taskNotice({ ...task, state: 'done', endedAt: 29_999 })).toBeNull();
    expect(taskNotice({ ...task, state: 'running', endedAt: null })).toBeNull();
  });
});

describe('the tray', () => {
  const facts = { core: 'running', identity: 'unlocked', runningTasks: 0, progress: null, runningMachines: 0 } as const;
  it('shows state by word and shape', () => {
    expect(trayModel(facts)).toMatchObject({ icon: 'on', tooltip: 'Hypha\nOn' });
    expect(trayModel({ ...facts, identity: 'locked' })).toMatchObject({ icon: 'locked', tooltip: 'Hypha\nLocked' });
    expect(trayModel({ ...facts, core: 'failed' }).icon).toBe('error');
    expect(trayModel({ ...facts, runningTasks: 2, progress: 0.509, runningMachines: 1 })).toMatchObject({
      icon: 'busy',
      tooltip: 'Hypha\nOn\n2 tasks running, 50 %\n1 machine running',
    });
  });
  it('offers what can be done now', () => {
    const items = trayModel({ ...facts, identity: 'locked', runningMachines: 2 }).items.filter(
      (one) => one.command !== null,
    );
    expect(items).toEqual([
      { label: 'Open Hypha', command: 'open', enabled: true },
      { label: 'Lock', command: 'lock', enabled: false },
      { label: 'Quit (2 machines go on running)', command: 'quit', enabled: true },
    ]);
  });
});

describe('closing the window', () => {
  const facts = { quitting: false, tray: true, platform: 'linux', told: true, withoutTray: null } as const;
  it('hides where there is a way back, and asks once where there is none', () => {
    expect(onClose(facts)).toBe('hide');
    expect(onClose({ ...facts, told: false })).toBe('hide and tell');
    expect(onClose({ ...facts, quitting: true })).toBe('close');
    expect(onClose({ ...facts, tray: false })).toBe('ask');
    expect(onClose({ ...facts, tray: false, withoutTray: 'quit' })).toBe('quit');
    expect(onClose({ ...facts, platform: 'darwin', tray: false })).toBe('hide');
  });
  it('knows desktops without a tray', () => {
    expect(hasTray('linux', 'ubuntu:GNOME', false)).toBe(false);
    expect(hasTray('linux', 'ubuntu:GNOME', true)).toBe(true);
    expect(hasTray('linux', 'KDE', false)).toBe(true);
    expect(hasTray('linux', undefined, false)).toBe(false);
    expect(hasTray('win32', undefined, false)).toBe(true);
    expect(mayStartHidden(true, false, 'linux')).toBe(false);
    expect(mayStartHidden(true, true, 'linux')).toBe(true);
  });
});
