import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import { english } from '#shared/i18n/index.ts';
import { type AnyMethod, type Contract, inputShape } from '#shared/rpc/contract.ts';
import { createFormat } from '../../lib/format.ts';
import { createI18n } from '../../lib/i18n.ts';
import { argumentRows } from './argument-words.ts';

const i18n = createI18n('en');
const words = {
  t: (key: string, values?: object) => i18n.t(key, { ...values }) as string,
  lookup: (key: string) => (i18n.exists(key) ? (i18n.t(key) as string) : null),
  format: createFormat('en'),
  title: (method: string) => (method === 'vault.put' ? 'Store files in the vault' : method),
};
const told = (method: string, given: Record<string, string>) =>
  argumentRows(
    method,
    Object.entries(given).map(([name, value]) => ({ name, value })),
    words,
  ).map(({ name, label, lines, literal }) => `${label ?? name}${literal ? ' = ' : ': '}${lines.join(' | ')}`);

describe('the arguments of a question', () => {
  it('are told with labels and units, and empty ones left out', () => {
    const asked = {
      name: 'web-1',
      image: 'debian-12',
      cpus: '2',
      memoryMiB: '2048',
      diskMiB: '0',
      sshKeys: '[]',
      userData: '',
      internet: 'false',
      autostart: 'true',
    };
    expect(told('machines.deploy', asked)).toEqual([
      'Name = web-1',
      'Image = debian-12',
      'CPUs: 2',
      'Memory: 2,048 MiB',
      'Disk: none',
      'Internet access: No',
      'Starts by itself: Yes',
    ]);
  });

  it('are never hidden: unknown ones and odd values stand as they were sent', () => {
    expect(
      told('machines.deploy', { memoryMiB: 'lots', sshKeys: '["ssh-ed25519 AA a","ssh-rsa BB"]', extra: '' }),
    ).toEqual(['Memory = lots', 'SSH keys that let in = ssh-ed25519 AA a | ssh-rsa BB', 'extra = ']);
    // Not the default: empty means something here.
    expect(told('system.useQemu', { path: '' })).toEqual(['Path = ']);
    expect(told('no.such', { constructor: 'x', on: 'true' })).toEqual(['constructor = x', 'Turned on = true']);
    expect(told('vault.put', { paths: '["/a","/b … (900 characters)', into: 'root', clash: 'both' })).toEqual([
      'Paths = ["/a","/b … (900 characters)',
      'Into the folder: the top of the vault',
      'Where a name is taken: keep both',
    ]);
    expect(told('vault.setup', { profile: '{"k":4,"m":2}' })).toEqual([
      'Pieces of each file: any 4 of 6 bring it back',
    ]);
    expect(told('identity.setSecondFactor', { on: 'true', passphrase: '(secret)' })).toEqual([
      'Turned on: Yes',
      'Passphrase: not shown',
    ]);
  });

  it('each have a label, whatever a program may ask for', () => {
    const faces = ['cli', 'assistant', 'mcp', 'peer'] as const;
    const fields = Object.keys(english.frame.consent.fields);
    for (const [method, spec] of Object.entries(agentContract as Contract) as [string, AnyMethod][]) {
      if (spec.effect === 'read' || faces.every((face) => spec.withheld?.[face])) continue;
      const unnamed = Object.keys(inputShape(spec)).filter(
        (name) => !fields.includes(name) && !spec.secret?.includes(name),
      );
      expect(unnamed, method).toEqual([]);
    }
  });
});
