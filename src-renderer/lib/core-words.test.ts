import { describe, expect, it } from 'vitest';
import { english } from '#shared/i18n/index.ts';
import { sayAgain } from './core-words.ts';
import { createI18n, type Values } from './i18n.ts';
import { readSaid } from './summary.ts';

const sources = import.meta.glob<string>(
  '../../src-main/core/mesh/service/{reach,keeper,relays,dial-words,targets}.ts',
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);
const machineSources = import.meta.glob<string>(
  [
    '../../src-main/core/machines/{plan,admission,public-key,after-end,damaged,machine-hold,machine-start,machine-stop}.ts',
    '../../src-main/core/machines/{openings,pulse,recover,snapshots,host-capability,disk-full}.ts',
    '../../src-main/core/machines/qemu/probe-accelerator.ts',
    '../../src-main/core/machines/images/{catalogue,image-store}.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
);
const machineSource = (name: string): string => machineSources[`../../src-main/core/machines/${name}.ts`] ?? '';
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

describe('what the core says of machines', () => {
  const key = 'machines.said';
  const unknown = (texts: readonly string[]) => texts.filter((text) => readSaid(key, text) === null);
  /** What a source fills in, as a number, which fits every place. */
  const filled = (text: string): string => text.replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '7');

  it('is known, all of a plan: what is done, what may go wrong and what stands in the way', () => {
    const plan = machineSource('plan');
    const steps = [...plan.matchAll(/text:\s([\s\S]*?),\s+bytes:/g)].flatMap(([, text = '']) =>
      [...text.matchAll(/['`]([^'`\n]{8,})['`]/g)].map(([, one = '']) => filled(one)),
    );
    expect(steps.length).toBe(8);
    expect(unknown(steps)).toEqual([]);
    const said = ['plan', 'admission', 'public-key'].flatMap((name) => sentences(machineSource(name)));
    expect(said.length).toBeGreaterThan(25);
    expect(unknown(said)).toEqual([]);
  });

  it('is known, all of why a machine is as it is after an end that nobody wanted', () => {
    const said = ['after-end', 'machine-hold', 'pulse'].flatMap((name) => sentences(machineSource(name)));
    expect(said.length).toBeGreaterThan(8);
    expect(unknown(said)).toEqual([]);
  });

  it('is still what it says, each of them', () => {
    const all = Object.values(machineSources).join('\n');
    const gone = Object.values(english.machines.said).filter((text) => {
      const parts = text.split(/\{\{\w+\}\}/).map((part) => RegExp.escape(part));
      return !new RegExp(parts.join('\\$\\{[^\\n]*?\\}')).test(all);
    });
    expect(gone).toEqual([]);
  });

  it('is said in German, several sentences in a row too', () => {
    expect(sayAgain(key, 'Start it with 2 CPU and 512 MiB of memory', lookup)).toBe(
      'Mit 2 CPU und 512 MiB Arbeitsspeicher starten',
    );
    expect(
      sayAgain(
        key,
        'Its record (vm.json) is missing. Its disk is untouched in /m/x: put the record back from a backup and start Hypha again, or delete it. It still runs, as process 12.',
        lookup,
      ),
    ).toBe(
      'Ihre Aufzeichnung (vm.json) fehlt. Ihre Platte liegt unberührt in /m/x: Hole die Aufzeichnung aus einer Sicherung zurück und starte Hypha neu, oder lösche sie. Sie läuft noch, als Prozess 12.',
    );
    expect(
      sayAgain(
        key,
        'KVM is there, but a kernel started under it hangs. Machines run by emulation, which is several times slower.',
        lookup,
      ),
    ).toBe(
      'KVM ist da, aber ein Kernel, der damit startet, hängt. Maschinen werden emuliert, was mehrfach langsamer ist.',
    );
    // Another program's words stay as they are, between those that are known.
    expect(
      sayAgain(
        key,
        'QEMU ended unexpectedly. It said: Could not open disk. Bad magic Start it again to go on.',
        lookup,
      ),
    ).toBe(
      'QEMU ist unerwartet zu Ende gegangen. Es sagte: Could not open disk. Bad magic Starte sie wieder, damit es weitergeht.',
    );
    expect(sayAgain(key, 'It did not start by itself. Nobody knows this.', lookup)).toBe(
      'Sie ist nicht von selbst gestartet. Nobody knows this.',
    );
  });

  it('takes no longer for what is long', () => {
    const long = 'A sentence that nobody knows. '.repeat(10_000).trim();
    expect(sayAgain(key, long, lookup)).toBe(long);
  });
});
