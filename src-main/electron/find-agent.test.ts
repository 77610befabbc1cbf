import { describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import type { AgentLink } from './agent-link.ts';
import { type AgentSources, findAgent, findSuccessor, inWords, isNobody } from './find-agent.ts';

const link = (kind: AgentLink['kind']) => ({ kind }) as AgentLink;

/** Sources that answer in turn; the last answer stays. */
function sources(attach: (AgentLink | null)[], own: AgentLink | null): AgentSources & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    attach: async () => {
      asked.push('attach');
      return (attach.length > 1 ? attach.shift() : attach[0]) ?? null;
    },
    own: async () => {
      asked.push('own');
      return own;
    },
  };
}

describe('coming by an agent', () => {
  it('attaches to one that runs, else starts its own, else attaches to who was faster', async () => {
    expect((await findAgent(sources([link('attached')], null))).kind).toBe('attached');
    expect((await findAgent(sources([null], link('own')))).kind).toBe('own');
    expect((await findAgent(sources([null, link('attached')], null))).kind).toBe('attached');
    await expect(findAgent(sources([null], null))).rejects.toMatchObject({ code: 'NO_AGENT' });
  });

  it('says of an agent of another version that it is one, and what to do', async () => {
    const mismatch = fail('VERSION_MISMATCH', 'The agent is of another version.', { next: 'Run hypha stop.' });
    expect([isNobody(mismatch), isNobody(fail('NOT_RUNNING', 'x')), isNobody(fail('DISCONNECTED', 'x'))]).toEqual([
      false,
      true,
      true,
    ]);
    const refused = { ...sources([null], null), attach: () => Promise.reject(mismatch) };
    await expect(findAgent(refused)).rejects.toBe(mismatch);
    expect(inWords(mismatch)).toBe('The agent is of another version.\n\nRun hypha stop.');
  });
});

describe('after the agent it was attached to has ended', () => {
  const never = { quitting: () => false, rest: async () => {} };

  it('waits a while for the next one', async () => {
    const found = sources([null, null, link('attached')], link('own'));
    expect((await findSuccessor(found, never))?.kind).toBe('attached');
    expect(found.asked).toEqual(['attach', 'attach', 'attach']);
  });

  it('then runs one of its own, so that it does not stay away for ever', async () => {
    const found = sources([null], link('own'));
    expect((await findSuccessor(found, never))?.kind).toBe('own');
    expect(found.asked.filter((one) => one === 'attach').length).toBeGreaterThan(5);
  });

  it('starts nothing once the app is quitting', async () => {
    const found = sources([null], link('own'));
    let rests = 0;
    const end = {
      quitting: () => rests >= 2,
      rest: async () => {
        rests += 1;
      },
    };
    expect(await findSuccessor(found, end)).toBeNull();
    expect(found.asked).not.toContain('own');
  });
});
