import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Machine, machineSchema } from '#shared/contract/machines.ts';
import { createFormat } from '../../../lib/format.ts';
import { waitingWords } from '../machine/waiting-words.ts';
import { keyLines, keyStates, keyWords } from './key-text.ts';

describe('the keys of a machine in words', () => {
  it('are one a line, whatever lies between', () => {
    expect(keyLines('# mine\r\n a b c \n\n')).toEqual(['a b c']);
    expect(keyWords('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJvYg Ada Lovelace')).toEqual({
      name: 'Ada Lovelace',
      short: 'ssh-ed25519 AAAAC3Nz…AAIGJvYg',
    });
  });

  it('each show once, with what they do now and later', () => {
    expect(keyStates(['a', 'b'], null).map((k) => k.state)).toEqual(['now', 'now']);
    expect(keyStates(['a', 'b'], ['b', 'c'])).toEqual([
      { key: 'a', state: 'next' },
      { key: 'b', state: 'now' },
      { key: 'c', state: 'until' },
    ]);
    const lists = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(lists, lists, (wanted, running) => {
        const shown = keyStates(wanted, running).map((k) => k.key);
        expect(new Set(shown)).toEqual(new Set([...wanted, ...running]));
        expect(shown.length).toBe(new Set(shown).size);
      }),
    );
  });
});

describe('what waits for the next start', () => {
  const machine = (over: Partial<Machine>): Machine =>
    machineSchema.parse({
      id: 'a',
      spec: { name: 'a', image: 'micro', cpus: 2, memoryMiB: 512, diskMiB: 64 },
      state: 'running',
      detail: '',
      accelerator: null,
      createdAt: 0,
      startedAt: 0,
      ready: true,
      ssh: null,
      hostKey: null,
      snapshots: [],
      metrics: null,
      diskUsed: 0,
      ...over,
    });
  it('is told by what it will be', () => {
    const t = (key: string, values = {}) => `${key}${Object.values(values).join()}`;
    const words = (over: Partial<Machine>) => waitingWords(machine(over), t, createFormat('en'));
    expect(words({})).toBe('');
    expect(words({ waiting: ['cpus', 'memoryMiB', 'diskMiB', 'internet', 'sshKeys'] })).toBe(
      'machines.cpus2 · machines.memoryOf512 MiB · machines.waiting.disk64 MiB · machines.waiting.noInternet · machines.waiting.keys',
    );
  });
});
