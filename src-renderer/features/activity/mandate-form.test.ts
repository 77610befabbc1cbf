import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import { mandatable, mandateFaces, readMandate, type Typed, targetFields } from './mandate-form.ts';

const typed: Typed = {
  method: 'machines.deploy',
  face: 'assistant',
  target: { image: 'micro', name: 'web-1', userData: '' },
  capPerUse: { memoryMiB: '512' },
  capTotal: {},
  maxUses: '5',
  days: '7',
};

describe('standing approvals', () => {
  it('are offered for what would be asked, and never for what deletes, governs or only reads', () => {
    for (const face of mandateFaces) {
      for (const name of mandatable(face)) {
        expect(['write', 'share', 'spend', 'deploy']).toContain(agentContract[name].effect);
      }
    }
    expect(mandatable('assistant')).toEqual(expect.arrayContaining(['machines.deploy', 'machines.start', 'vault.put']));
    expect(mandatable('cli')).toEqual([
      'vault.exportZstor',
      'vault.lend',
      'vault.changeLoan',
      'vault.share',
      'vault.changeShare',
      'vault.sendShared',
      'vault.askRoom',
      'vault.giveRoom',
      'vault.reopenRoom',
      'machines.deploy',
      'machines.configure',
      'mesh.expose',
      'mesh.send',
      'wallet.send',
      'wallet.hasten',
      'wallet.takeBack',
      'wallet.signMessage',
      'wallet.signTyped',
      'wallet.revoke',
      'ledger.issue',
      'ledger.redeem',
      'ledger.share',
      'ledger.rpcOn',
      'ledger.putContracts',
      'names.register',
      'names.renew',
      'names.publish',
      'names.transfer',
      'deals.offer',
      'deals.accept',
      'deals.start',
      'deals.topUp',
      'deals.propose',
      'deals.report',
      'deals.confirm',
    ]);
    expect(mandatable('mcp')).not.toContain('identity.unlock');
    expect(mandatable('mcp')).not.toContain('vault.repair');
  });

  it('take their fields from the method', () => {
    const kinds = Object.fromEntries(targetFields('machines.deploy').map((f) => [f.name, f.kind]));
    expect(kinds).toMatchObject({ name: 'text', image: 'text', cpus: 'number', sshKeys: 'list' });
    expect(targetFields('vault.put').find((f) => f.name === 'clash')).toMatchObject({
      kind: 'choice',
      choices: ['both', 'replace', 'skip'],
    });
    expect(targetFields('machines.type').map((f) => f.name)).toEqual(['machine']);
    expect(targetFields('no.such')).toEqual([]);
  });

  it('leave empty fields at their defaults and read caps as numbers', () => {
    expect(readMandate(typed, 1000)).toEqual({
      input: {
        method: 'machines.deploy',
        face: 'assistant',
        target: { image: 'micro', name: 'web-1' },
        capPerUse: { memoryMiB: 512 },
        capTotal: {},
        maxUses: 5,
        expiresAt: 1000 + 7 * 86_400_000,
      },
    });
  });

  it('say what is wrong', () => {
    expect(readMandate({ ...typed, target: {} }, 0)).toEqual({ problem: { kind: 'target-missing' } });
    expect(readMandate({ ...typed, target: { image: 'micro' } }, 0)).toEqual({
      problem: { kind: 'left-open', field: 'name' },
    });
    expect(readMandate({ ...typed, target: { cpus: '999' } }, 0)).toMatchObject({
      problem: { kind: 'not-fitting', field: 'cpus' },
    });
    expect(readMandate({ ...typed, capPerUse: { cpus: 'many' } }, 0)).toEqual({
      problem: { kind: 'not-a-number', field: 'cpus' },
    });
    expect(readMandate({ ...typed, maxUses: '0' }, 0)).toMatchObject({ problem: { field: 'maxUses' } });
    expect(readMandate({ ...typed, days: '366' }, 0)).toMatchObject({ problem: { field: 'days', max: 365 } });
  });

  it('make of any text an approval that the agent takes, or a problem', () => {
    fc.assert(
      fc.property(fc.constantFrom(...mandatable('assistant')), fc.string(), fc.string(), (method, text, number) => {
        const target = Object.fromEntries(targetFields(method).map((f) => [f.name, text]));
        const read = readMandate({ ...typed, method, target, capPerUse: { cpus: number }, maxUses: '1' }, 0);
        if ('input' in read) {
          expect(agentContract['mandates.create'].input.safeParse(read.input).success).toBe(true);
          expect(Object.keys(read.input.target).length).toBeGreaterThan(0);
        } else expect(read.problem.kind).toBeTruthy();
      }),
    );
  });
});
