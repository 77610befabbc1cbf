import { describe, expect, it } from 'vitest';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import { meshSettingsSchema } from '#shared/contract/mesh/index.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { createI18n, type Values } from './i18n.ts';
import { inWords } from './named-values.ts';
import { readSummary } from './summary.ts';

const german = createI18n('de');
const lookup = (key: string, values: Values = {}): string | null =>
  german.exists(key, { ...values }) ? (german.t as (key: string, values: object) => string)(key, { ...values }) : null;
const say = (name: MethodName, input: object): string | null => {
  const read = readSummary(name, (agentContract[name] as AnyMethod).summary(input));
  return read && lookup(read.key, inWords(name, read.values, lookup));
};

describe('what the core says of people, in German', () => {
  it('is said of one, of several and of all', () => {
    expect(say('mesh.forward', { target: '4a2::1 (not a contact)', port: 80 })).toBe(
      'Port 80 von 4a2::1 (kein Kontakt) auf einen freien Port dieses Computers holen',
    );
    expect(say('mesh.expose', { localPort: 80, allow: ['ann (4a2::1, not verified)', '4a3::1 (ben)'] })).toBe(
      'Port 80 dieses Computers im Netz anbieten für: ann (4a2::1, nicht geprüft), 4a3::1 (ben)',
    );
    expect(say('mesh.expose', { localPort: 80, allow: ['everybody'] })).toBe(
      'Port 80 dieses Computers im Netz anbieten für: alle',
    );
    expect(say('mesh.unexpose', { exposure: 'port 80 to everybody.hypha, everybody-else' })).toBe(
      'Port 80 nicht mehr anbieten für: everybody.hypha, everybody-else',
    );
  });

  it('leaves what a person wrote as it is', () => {
    expect(
      say('mesh.send', {
        to: 'ann (4a2::1, 2 devices, not verified)',
        text: 'everybody (not a contact), not verified)',
      }),
    ).toBe('ann (4a2::1, 2 Geräte, nicht geprüft) die Nachricht „everybody (not a contact), not verified)“ senden');
    const values = { to: '/out (not a contact)' };
    expect(inWords('vault.export', values, lookup)).toEqual(values);
  });
});

describe('names of settings, in German', () => {
  it('stand for those of the mesh, each of them', () => {
    expect(say('mesh.configure', { joined: false, listen: true, port: 9651 })).toBe(
      'Teilnahme am Netz ändern (Im Netz: Aus, Andere sich verbinden lassen: An, Port: 9651)',
    );
    const names = Object.keys(meshSettingsSchema.shape).filter((name) => name !== 'privateNetwork');
    for (const name of names) expect(say('mesh.configure', { [name]: true })).not.toContain(name);
    expect(inWords('mesh.configure', { changes: 'later: true' }, lookup)).toEqual({ changes: 'later: true' });
  });

  it('stand for those of the agent', () => {
    expect(inWords('system.configure', { names: 'theme, other' }, lookup)).toEqual({ names: 'Farben, other' });
  });
});
