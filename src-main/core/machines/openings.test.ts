import { describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { changeOpenings, withoutMesh } from './openings.ts';
import { planReach } from './plan-reach.ts';
import type { OpeningWords } from './ports.ts';

/** Where `ann` is the contact c1, and nobody else is known. */
const withAnn: OpeningWords = {
  keepRule(rule) {
    if (/ben/.test(rule)) throw fail('NOT_FOUND', 'Nobody is known as ben.', { next: 'Known are ann.' });
    return rule.replace(/ann(\.hypha)?/, '@c1').replace(/ from everybody$/, '');
  },
  showRule(kept) {
    const shown = withoutMesh.showRule(kept);
    return { ...shown, rule: kept.replace('@c1', 'ann'), who: shown.who.replace('@c1', 'Ann Miller') };
  },
  sayRule: (rule) => rule,
};

describe('openings that name people', () => {
  it('are closed as they are listed, as they are kept, and by another name of the same person', () => {
    const now = ['tcp/22 from @c1', 'icmp', 'udp/53 from 4A1::1'];
    for (const close of ['tcp/22 from ann', 'tcp/22 from @c1', 'tcp/22 from ann.hypha']) {
      expect(changeOpenings(withAnn, now, [], [close])).toEqual(now.slice(1));
    }
    expect(changeOpenings(withAnn, now, [], ['icmp from everybody', 'udp/53 from 4a1::1'])).toEqual(now.slice(0, 1));
    expect(changeOpenings(withAnn, now, ['tcp/22 from ann', 'icmp from everybody'], [])).toEqual(now);
    expect(() => changeOpenings(withAnn, now, [], ['tcp/22 from ben'])).toThrow(/no opening "tcp\/22 from ben"/);
    expect(() => changeOpenings(withAnn, now, [], ['tcp/22'])).toThrow(/no opening/);
    expect(() => changeOpenings(withAnn, now, ['tcp/22 from ben'], [])).toThrow(/Nobody is known as ben/);
    expect(() => changeOpenings(withoutMesh, [], ['tcp/22 from ann'], [])).toThrow(/Nobody is known as ann/);
  });
});

describe('what a plan says of the mesh', () => {
  const said = (rules: string[], state: 'on' | 'off' | 'without' = 'on') => planReach(withAnn, rules, state).text;

  it('is what is open to whom, and that all else is closed', () => {
    expect(said([])).toBe('It gets an address on the mesh. Nobody there reaches it: everything is closed.');
    expect(said(['tcp/22 from ann', 'icmp from 4a1::1'])).toBe(
      'Open over the mesh: tcp/22 for Ann Miller; icmp for 4a1::1. Everything else is closed.',
    );
    expect(said(['tcp/80'])).toMatch(/tcp\/80 for everybody\. .*strangers too/);
    expect(said(['tcp/80 from 400::/8'])).toMatch(/Everything else is closed\. That means strangers too\.$/);
    expect(said(['tcp/80 from 4a1:2:3:4::/64'])).toMatch(/Everything else is closed\.$/);
    expect(said([], 'off')).toMatch(/has not joined .*everything is closed/);
    expect(said(['tcp/80'], 'off')).toMatch(/has not joined .*Once it has: open over the mesh: tcp\/80/);
    expect(said(['tcp/80'], 'without')).toMatch(/no card for the mesh/);
  });

  it('tells what is wrong with one and shows the others, each once', () => {
    const { openings, wrong } = planReach(
      withAnn,
      ['tcp/22 from ben', 'icmp', 'tcp/1 from ann', 'tcp/1 from @c1'],
      'on',
    );
    expect(openings.map(({ rule }) => rule)).toEqual(['icmp', 'tcp/1 from ann']);
    expect(wrong).toMatchObject({ code: 'NOT_FOUND', message: 'Nobody is known as ben.', next: 'Known are ann.' });
  });
});
