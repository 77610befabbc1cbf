import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { Face } from '#shared/rpc/contract.ts';
import { decide } from './policy.ts';

const caller = (face: Face, person = false) => ({ connection: 'c', face, name: face, person });
const add = agentContract['vault.addPlace'];

describe('a method that takes secrets besides other things', () => {
  const server = { kind: 'redis', host: 'a.example' };
  it('is open to the assistant and MCP clients without them, and refused with them', () => {
    for (const face of ['assistant', 'mcp'] as const) {
      expect(decide(caller(face), 'vault.addPlace', add, server)).toBe('ask');
      expect(() => decide(caller(face), 'vault.addPlace', add, { ...server, password: 'x' })).toThrow('secret');
    }
  });

  it('takes them from a person and at the command line', () => {
    const input = { ...server, password: 'x' };
    expect(decide(caller('ui', true), 'vault.addPlace', add, input)).toBe('person');
    expect(decide(caller('cli'), 'vault.addPlace', add, input)).toBe('grant');
  });
});
