import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testContext } from '../testing/harness.ts';
import { makeDocx } from './testing/make-zip.ts';
import { openSearchBench, type SearchBench } from './testing/search-bench.ts';

let on: SearchBench;
beforeEach(async () => {
  on = await openSearchBench();
});
afterEach(() => on.close());
const h = () => on.bench.vault.handlers;
const indexed = () => on.bench.vault.indexed();

const root = new Uint8Array(32).fill(42);
/** As the lock button does, and the unlock after it. */
async function lockAndUnlock(): Promise<void> {
  on.bench.keys.set(null);
  on.bench.keys.set(root);
  await h()['vault.list']({ folder: 'root', sort: 'name', descending: false, offset: 0, limit: 1 }, testContext());
}

describe('searching the vault', () => {
  it('finds words in texts, and shows where', async () => {
    await on.store({
      'a.txt': 'The mycelium grows under the forest floor.',
      'b.md': '# Notes\n\nNothing about mushrooms.',
      'c.bin': new Uint8Array([0, 1, 2, 3, 0, 0, 0, 1]),
    });
    expect(await indexed()).toMatchObject({ state: 'current', files: 3, waiting: 0 });
    const { items, total } = await on.ask('forest mycelium');
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({ name: 'a.txt', path: 'a.txt', match: { where: 'text', marks: [] } });
    const { text, marks } = items[0]?.match?.snippet ?? { text: '', marks: [] };
    expect(marks.map(([s, e]) => text.slice(s, e))).toEqual(['mycelium', 'forest']);
  });

  it('understands phrases, beginnings, what to leave out, and words of other scripts', async () => {
    await on.store({
      'one.txt': 'Die Rechnung für Müller & Söhne, Straße 7. We don’t pay twice.',
      'two.txt': 'Rechnungen: bezahlt. Invoice 2026-117 for the café.',
      'three.txt': '東京で会議があります。議事録は後で送ります。',
    });
    await indexed();
    expect(await on.names('muller strasse')).toEqual(['one.txt']);
    expect((await on.names('rechnung*')).sort()).toEqual(['one.txt', 'two.txt']);
    expect(await on.names('rechnung')).toEqual(['one.txt']);
    expect(await on.names('rechnung* -café')).toEqual(['one.txt']);
    expect(await on.names('"pay twice"')).toEqual(['one.txt']);
    expect(await on.names('"twice pay"')).toEqual([]);
    expect(await on.names('2026-117')).toEqual(['two.txt']);
    expect(await on.names('don’t')).toEqual(['one.txt']);
    expect(await on.names('会議')).toEqual(['three.txt']);
    expect(await on.names('議')).toEqual(['three.txt']);
    expect(await on.names('会録')).toEqual([]);
    expect(await on.names('invoi')).toEqual([]);
    expect((await on.ask('invoi', { typing: true })).items.map(({ name }) => name)).toEqual(['two.txt']);
  });

  it('puts what has it in its name first, and finds words that are partly in the name', async () => {
    await on.store({
      'budget.txt': 'numbers of the year',
      'letter.txt': 'About the budget: the budget is fine, the budget is good.',
      'budget-notes-2026.md': 'talks with Anna',
    });
    await indexed();
    expect(await on.names('budget')).toEqual(['budget.txt', 'budget-notes-2026.md', 'letter.txt']);
    const { items } = await on.ask('budget anna');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ name: 'budget-notes-2026.md', match: { where: 'both', marks: [[0, 6]] } });
  });

  it('narrows by folder, type, name and date', async () => {
    const folder = await h()['vault.makeFolder']({ parent: 'root', name: 'Work papers' }, testContext());
    const [plan] = await on.store({
      'plan.txt': 'rollout of the beta',
      'plan.html': '<p>rollout <b>beta</b></p><script>gamma</script>',
    });
    await h()['vault.move']({ items: [plan ?? ''], into: folder.item.id }, testContext());
    await indexed();
    expect((await on.names('rollout')).sort()).toEqual(['plan.html', 'plan.txt']);
    expect(await on.names('rollout in:"/Work papers"')).toEqual(['plan.txt']);
    expect(await on.names('rollout -in:"Work papers"')).toEqual(['plan.html']);
    expect(await on.names('rollout type:html')).toEqual(['plan.html']);
    expect(await on.names('rollout name:.txt')).toEqual(['plan.txt']);
    expect(await on.names('rollout before:2001')).toEqual([]);
    expect((await on.names('type:folder')).sort()).toEqual(['Work papers']);
    expect(await on.names('gamma')).toEqual([]);
    expect((await on.ask('rollout in:/nowhere')).missing).toEqual(['/nowhere']);
  });

  it('takes any query', async () => {
    await on.store({ 'a.txt': 'words', '¿?.txt': 'signs' });
    await indexed();
    for (const query of [
      '"',
      '-',
      '*',
      '""',
      '-""',
      'in:',
      'type:',
      'before:soon',
      '(((',
      '\\',
      '🎉',
      'a'.repeat(1024),
      '-a -b',
      ': :',
      'on:2026-99',
    ])
      await expect(on.ask(query)).resolves.toBeDefined();
    expect(await on.names('¿')).toEqual(['¿?.txt']);
  });

  it('gives pages that do not overlap', async () => {
    await on.store(Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`n${i}.txt`, `same words ${i}`])));
    await indexed();
    const seen: string[] = [];
    for (let offset = 0; offset < 25; offset += 10) {
      const { items, more, total } = await on.ask('same words', { offset, limit: 10 });
      expect(total).toBe(25);
      expect(more).toBe(offset < 20);
      seen.push(...items.map(({ name }) => name));
    }
    expect(new Set(seen).size).toBe(25);
  });

  it('reads documents of office programs', async () => {
    await on.store({ 'minutes.docx': makeDocx('Minutes of the board', 'Carried: the lighthouse budget &amp; plan') });
    await indexed();
    const { items } = await on.ask('"lighthouse budget"');
    expect(items[0]).toMatchObject({ name: 'minutes.docx' });
    expect(items[0]?.match?.snippet?.text).toContain('the lighthouse budget & plan');
  });

  it('gives the assistant passages to read', async () => {
    await on.store({ 'a.txt': 'The boiler was serviced in March by Otto.', 'b.txt': 'The car was serviced in May.' });
    await indexed();
    const passages = await on.bench.vault.passages('when was the boiler serviced', 5);
    expect(passages.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
    expect(passages[0]).toMatchObject({ path: '/a.txt', text: 'The boiler was serviced in March by Otto.' });
  });
});

describe('the search index follows the vault', () => {
  it('reads nothing for renames, moves, copies and the bin', async () => {
    const [item = ''] = await on.store({ 'old.txt': 'a sentence about owls' });
    expect((await indexed()).read).toBe(1);
    await h()['vault.rename']({ item, name: 'new.txt' }, testContext());
    await on.store({ 'copy.txt': 'a sentence about owls' });
    expect((await indexed()).read).toBe(1);
    expect((await on.names('owls')).sort()).toEqual(['copy.txt', 'new.txt']);
    expect(await on.names('owls new')).toEqual(['new.txt']);
    expect(await on.names('name:old.txt')).toEqual([]);
    await h()['vault.bin']({ items: [item] }, testContext());
    expect(await on.names('owls')).toEqual(['copy.txt']);
    await h()['vault.restore']({ items: [item] }, testContext());
    expect((await on.names('owls')).sort()).toEqual(['copy.txt', 'new.txt']);
    await h()['vault.bin']({ items: [item] }, testContext());
    await h()['vault.purge']({}, testContext());
    expect(await on.names('owls')).toEqual(['copy.txt']);
    expect((await indexed()).read).toBe(1);
  });

  it('drops the words of what is deleted for good', async () => {
    const [item = ''] = await on.store({ 'gone.txt': 'a sentence about badgers' });
    await indexed();
    await h()['vault.bin']({ items: [item] }, testContext());
    await h()['vault.purge']({}, testContext());
    await indexed();
    await on.store({ 'next.txt': 'something else' });
    await indexed();
    expect(await on.bench.vault.passages('badgers', 5)).toEqual([]);
    expect(await on.names('something')).toEqual(['next.txt']);
  });

  it('reads a file that was not text by its name once it has another', async () => {
    const [item = ''] = await on.store({ 'notes.dat': 'plain words about otters' });
    await indexed();
    expect(await on.names('otters')).toEqual([]);
    await h()['vault.rename']({ item, name: 'notes.txt' }, testContext());
    await indexed();
    expect(await on.names('otters')).toEqual(['notes.txt']);
  });

  it('is there after unlocking, without reading anything anew', async () => {
    await on.store({ 'a.txt': 'words about herons' });
    await indexed();
    await lockAndUnlock();
    expect(await indexed()).toMatchObject({ state: 'current', read: 0, files: 1 });
    expect(await on.names('herons')).toEqual(['a.txt']);
    await on.bench.restart();
    expect((await indexed()).read).toBe(0);
    expect(await on.names('herons')).toEqual(['a.txt']);
  });

  it('refuses while locked', async () => {
    await on.store({ 'a.txt': 'words about herons' });
    await indexed();
    on.bench.keys.set(null);
    await expect(on.ask('herons')).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(on.bench.vault.passages('herons', 1)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('is made again where it is damaged, cut off or gone', async () => {
    await on.store({ 'a.txt': 'words about herons', 'b.txt': 'words about storks' });
    await indexed();
    const directory = join(on.bench.home, 'vault', 'index');
    const harms: ((path: string) => Promise<void>)[] = [
      async (path) => {
        const bytes = await readFile(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
      async (path) => writeFile(path, (await readFile(path)).subarray(0, -5000)),
      (path) => writeFile(path, ''),
      (path) => rm(path),
    ];
    for (const harm of harms) {
      await on.bench.restart();
      await indexed();
      const segments = (await readdir(directory)).filter((name) => name.endsWith('.seg'));
      expect(segments.length).toBeGreaterThan(0);
      on.bench.keys.set(null);
      for (const name of segments) await harm(join(directory, name));
      await on.bench.vault.stop();
      await on.bench.vault.start();
      on.bench.keys.set(root);
      await on.ask('herons');
      await indexed();
      // What only shows when it is read shows now at the latest, and is put right.
      await on.ask('herons');
      await indexed();
      expect(await on.names('herons')).toEqual(['a.txt']);
      expect((await on.ask('storks')).items[0]?.match?.snippet?.text).toBe('words about storks');
    }
  });
});
