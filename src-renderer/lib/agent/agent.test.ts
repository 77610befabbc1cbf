import { describe, expect, it } from 'vitest';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import { agentEventSchema } from '#shared/contract/system.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { AgentLink, backoff, type LinkState, type LinkWorld } from './link.ts';
import { forgetSession, obtainSession, type SessionWorld, takeToken } from './session.ts';
import { methodsOf } from './topics.ts';

/** A clock whose timers fire only when told to. */
function fakeWorld() {
  let now = 1000;
  const timers = new Set<{ at: number; fire: () => void }>();
  const world: LinkWorld = {
    now: () => now,
    random: () => 0.5,
    setTimer: (ms, fire) => {
      const timer = { at: now + ms, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const advance = (ms: number) => {
    now += ms;
    for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.fire();
  };
  return { world, advance };
}

const reach = (link: AgentLink, phase: LinkState['phase']) =>
  new Promise<LinkState>((resolve) => {
    const look = () => {
      if (link.state.phase !== phase) return;
      unsubscribe();
      resolve(link.state);
    };
    const unsubscribe = link.subscribe(look);
    look();
  });

describe('AgentLink', () => {
  it('comes back by itself after the agent was away, later each time, and says since when', async () => {
    const agent = createFakeAgent({});
    const { world, advance } = fakeWorld();
    const link = new AgentLink(agent.open, world);
    link.start();
    await reach(link, 'ready');
    agent.cut(true);
    const away = await reach(link, 'away');
    expect(away).toMatchObject({ since: 1000, retryAt: 1250 });
    expect(() => link.connection()).toThrow('not answering');
    const again = new Promise<void>((resolve) => {
      const unsubscribe = link.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
    advance(250);
    await again;
    expect(link.state).toMatchObject({ phase: 'away', since: 1000, retryAt: 1750 });
    agent.away = false;
    advance(500);
    await reach(link, 'ready');
    link.stop();
  });

  it('does not knock again where it was refused', async () => {
    const { world, advance } = fakeWorld();
    let knocks = 0;
    const link = new AgentLink(async () => {
      knocks += 1;
      throw fail('UNAUTHENTICATED', 'No.');
    }, world);
    link.start();
    await reach(link, 'refused');
    advance(60_000);
    expect(knocks).toBe(1);
    link.stop();
  });

  it('backs off to ten seconds, spread by a quarter', () => {
    expect(backoff(0, 0.5)).toBe(250);
    expect(backoff(3, 0.5)).toBe(2000);
    expect(backoff(30, 0)).toBe(7500);
    expect(backoff(30, 1)).toBe(12_500);
  });
});

describe('session', () => {
  const worldWith = (hash: string, answer: unknown, ok = true) => {
    const kept = new Map<string, string>();
    const urls: string[] = [];
    const posts: string[] = [];
    const world: SessionWorld = {
      location: { hash, pathname: '/', search: '' },
      history: { replaceState: (_data, _unused, url) => urls.push(url) },
      storage: {
        getItem: (k) => kept.get(k) ?? null,
        setItem: (k, v) => void kept.set(k, v),
        removeItem: (k) => void kept.delete(k),
      },
      fetch: async (url, init) => {
        posts.push(`${url} ${init.body}`);
        return { ok, json: async () => answer };
      },
    };
    return { world, kept, urls, posts };
  };

  it('takes the token out of the address bar and changes it once for a session that stays', async () => {
    const { world, urls, posts } = worldWith('#token=abcdefgh12345678', { session: 's-1' });
    const token = takeToken(world);
    expect(urls).toEqual(['/#/']);
    expect(await obtainSession(world, token)).toBe('s-1');
    expect(posts).toEqual(['/session {"token":"abcdefgh12345678"}']);
    expect(await obtainSession(world, null)).toBe('s-1');
    forgetSession(world);
    expect(await obtainSession(world, null)).toBeNull();
  });

  it('leaves other fragments alone, and a spent token does not end an old session', async () => {
    expect(takeToken(worldWith('#/vault', null).world)).toBeNull();
    const { world, kept } = worldWith('#token=abcdefgh12345678', null, false);
    kept.set('hypha.session', 'old');
    expect(await obtainSession(world, takeToken(world))).toBe('old');
  });
});

describe('topics', () => {
  it('cover every method that only reads, so that nothing on a page goes stale', () => {
    const covered = new Set(agentEventSchema.shape.topic.options.flatMap(methodsOf));
    const reads = (Object.keys(agentContract) as MethodName[]).filter(
      (name) => agentContract[name].kind === 'call' && agentContract[name].effect === 'read',
    );
    expect(reads.filter((name) => !covered.has(name))).toEqual([]);
  });

  it('ask the vault again when the lock changed', () => {
    expect(methodsOf('identity')).toContain('vault.list');
  });
});
