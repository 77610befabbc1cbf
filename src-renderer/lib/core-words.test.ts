import { describe, expect, it } from 'vitest';
import { english } from '#shared/i18n/index.ts';
import { sayAgain } from './core-words.ts';
import { createI18n, type Values } from './i18n.ts';
import { readSaid } from './summary.ts';

const sources = import.meta.glob<string>('../../src-main/core/mesh/service/{reach,keeper,relays,dial-words}.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const source = (name: string): string => sources[`../../src-main/core/mesh/service/${name}.ts`] ?? '';
const german = createI18n('de');
const lookup = (key: string, values: Values = {}): string | null =>
  german.exists(key, { ...values }) ? (german.t as (key: string, values: object) => string)(key, { ...values }) : null;
const keys = Object.keys(english.mesh.said).map((key) => `mesh.said.${key}`);

/** Sentences in a source, what is filled in replaced. */
const sentences = (text: string): string[] =>
  [...text.matchAll(/'((?:\p{Lu})[^'\n]*\.)'|`([^`\n]*(?:\.|\}))`/gu)]
    .map(([, plain, filled]) => plain ?? (filled ?? '').replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '7'))
    .filter((one) => /^(\p{Lu}|7 is)/u.test(one));

describe('what the core says of the mesh', () => {
  it('is known, all of what it finds when somebody cannot be reached', () => {
    const found = sentences(source('reach'));
    expect(found.length).toBeGreaterThan(20);
    // These go with the code NO_ANSWER, which has words of its own.
    const byCode = [
      'No node on the network knows a way to 7.',
      'None of the pings to 7 came back.',
      'Ask what stands in the way: mesh diagnose.',
    ];
    const unknown = found.filter((one) => !byCode.includes(one) && keys.every((key) => readSaid(key, one) === null));
    expect(unknown).toEqual([]);
  });

  it('is known, all of why a peer cannot be connected to', () => {
    const found = sentences(source('dial-words'));
    expect(found.length).toBe(7);
    expect(found.filter((one) => readSaid('mesh.said.peer', one) === null)).toEqual([]);
    expect(sayAgain('mesh.said.peer', 'No answer came in time.', lookup)).toBe('Es kam rechtzeitig keine Antwort.');
  });

  it('is still what it says, each of them', () => {
    const all = Object.values(sources).join('\n');
    const gone = Object.values(english.mesh.said)
      .flatMap((group) => Object.values(group))
      .filter((text) => {
        const parts = text.split(/\{\{\w+\}\}/).map((part) => RegExp.escape(part));
        return !new RegExp(parts.join('\\$\\{[^\\n]*?\\}')).test(all);
      });
    expect(gone).toEqual([]);
  });

  it('is said in German, with what it names, and within itself', () => {
    expect(sayAgain('mesh.said.PEERS', 'Connected to 3 peers.', lookup)).toBe('Mit 3 Nachbarn verbunden.');
    expect(sayAgain('mesh.said.NAME', 'ann is 4a2::1.', lookup)).toBe('ann ist 4a2::1.');
    expect(sayAgain('mesh.said.PING', 'A node on the way says: The way there has too many hops.', lookup)).toBe(
      'Ein Knoten auf dem Weg sagt: Der Weg dorthin hat zu viele Schritte.',
    );
    expect(sayAgain('mesh.said.state', 'It opens when the mesh node runs.', lookup)).toBe(
      'Es öffnet sich, wenn dein Knoten läuft.',
    );
  });

  it('stays as it is where there are no words for it', () => {
    for (const [key, said] of [
      ['mesh.said.state', 'Port 22 is taken.'],
      ['mesh.said.NODE', 'ann is 4a2::1.'],
      ['mesh.nowhere', 'The mesh node runs.'],
    ] as const) {
      expect(sayAgain(key, said, lookup)).toBe(said);
    }
  });
});
