import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepLinkIn, deepLinkPath, parseDeepLink } from './deep-link.ts';

describe('deep links', () => {
  it('reads the four forms', () => {
    expect(parseDeepLink('hypha://open/machine/web-1')).toEqual({ kind: 'open', type: 'machine', id: 'web-1' });
    expect(parseDeepLink('HYPHA://open/file/01ABC/')).toEqual({ kind: 'open', type: 'file', id: '01ABC' });
    expect(parseDeepLink('hypha://invite/abcdefghijklmnopqrst')).toEqual({
      kind: 'invite',
      token: 'abcdefghijklmnopqrst',
    });
    const card = 'SFlDQw-_'.repeat(2000);
    expect(parseDeepLink(`hypha://contact/${card}`)).toEqual({ kind: 'contact', card });
    expect(deepLinkPath({ kind: 'contact', card })).toBe(`/contacts/add/${card}`);
    const ways = 'e=tcp%3A%2F%2F192.168.1.4%3A9651&e=tcp%3A%2F%2F%5B2001%3Adb8%3A%3A4%5D';
    expect(parseDeepLink(`hypha://peer?${ways}`)).toEqual({ kind: 'peer', ways });
    expect(parseDeepLink(`hypha://peer/?${ways}`)).toEqual({ kind: 'peer', ways });
    expect(deepLinkPath({ kind: 'peer', ways })).toBe(`/mesh/peers/add/${encodeURIComponent(ways)}`);
  });

  it.each([
    'hypha://peer',
    'hypha://peer?',
    'hypha://peer?e=',
    'hypha://peer?x=tcp',
    'hypha://peer?e=a b',
    'hypha://peer?e=a#b',
    `hypha://peer?${Array.from({ length: 7 }, () => 'e=a').join('&')}`,
    'hypha://open/machine/',
    'hypha://open/wallet/x',
    'hypha://open/machine/../x',
    'hypha://open/machine/a%2fb',
    'hypha://open/machine/a?run=1',
    'hypha://open/machine/a#x',
    'hypha://invite/short',
    'hypha://invite/abcdefghijklmnopqrst/more',
    'hypha://contact/short',
    `hypha://contact/${'a'.repeat(64)}/more`,
    `hypha://contact/${'a'.repeat(200_000)}`,
    'hypha:open/machine/a',
    'http://open/machine/a',
    ' hypha://open/machine/a',
    `hypha://invite/${'a'.repeat(2000)}`,
  ])('refuses %s', (text) => expect(parseDeepLink(text)).toBeNull());

  it('answers any text with a link that is safe to show, or null', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('hypha://', 'open/', 'invite/', 'peer?e=', '&e=', 'machine/', '..', '%2f', '/', '?', 'a'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const link = parseDeepLink(pieces.join(''));
        if (link !== null)
          expect(deepLinkPath(link)).toMatch(
            /^\/(link\/(open\/[a-z]+\/[\w.-]+|invite\/[\w-]+)|contacts\/add\/[\w-]+|mesh\/peers\/add\/[\w%.~-]+)$/,
          );
      }),
      { numRuns: 2000 },
    );
  });

  it('is found among arguments', () => {
    expect(deepLinkIn(['hypha', '--hidden', 'hypha://nonsense', 'hypha://open/task/t1'])).toEqual({
      kind: 'open',
      type: 'task',
      id: 't1',
    });
    expect(deepLinkIn(['hypha', '.'])).toBeNull();
  });
});
