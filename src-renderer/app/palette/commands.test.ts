import { describe, expect, it } from 'vitest';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import { english, messageKeys } from '#shared/i18n/index.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { deriveCommands, dialogs, left } from './commands.ts';
import { beginsWith, matches } from './match.ts';

const commands = deriveCommands();

describe('the palette', () => {
  it('finds what was typed and not what resembles it', () => {
    expect(matches('', 'Repair the vault')).toBe(true);
    expect(matches('vault rep', 'Repair the vault')).toBe(true);
    expect(matches('tre', 'The 24 words')).toBe(false);
  });

  it('knows a room by how its name begins', () => {
    expect(beginsWith(' vau', 'Vault')).toBe(true);
    expect(beginsWith('vault plan', 'Vault')).toBe(false);
    expect(beginsWith('', 'Vault')).toBe(false);
  });

  it('has words for each of its commands, and no words for others', () => {
    const titled = messageKeys(english.frame.commands).sort();
    expect(titled).toEqual(commands.map((c) => c.method).sort());
  });

  it('never runs at once what deletes or stops', () => {
    for (const command of commands) {
      const { effect } = agentContract[command.method];
      if (effect === 'delete' || command.method === 'system.stop') expect(command.kind).not.toBe('run');
    }
    expect(commands).toContainEqual({ kind: 'ask', method: 'vault.purge' });
    expect(commands).toContainEqual({ kind: 'run', method: 'identity.lock' });
  });

  it('runs only what takes no arguments, and offers nothing withheld from people', () => {
    for (const { kind, method } of commands) {
      const spec: AnyMethod = agentContract[method];
      expect(spec.withheld?.ui).toBeUndefined();
      if (kind !== 'open') expect(spec.input.safeParse({}).success).toBe(true);
    }
  });

  it('gives a reason for each method left out that could be run', () => {
    const names = Object.keys(agentContract) as MethodName[];
    const runnable = names.filter((name) => {
      const spec: AnyMethod = agentContract[name];
      return spec.kind !== 'stream' && spec.effect !== 'read' && !spec.withheld?.ui && spec.input.safeParse({}).success;
    });
    for (const name of runnable) {
      expect(commands.some((c) => c.method === name) || left[name] || dialogs[name], name).toBeTruthy();
    }
  });
});
