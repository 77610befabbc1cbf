import { describe, expect, it } from 'vitest';
import { render, renderItem, toJson } from './render.ts';

const machine = (name: string, state: string) => ({
  id: `m-${name}`,
  spec: { name, image: 'micro', cpus: 1, memoryMiB: 256, userData: '' },
  state,
  detail: '',
  accelerator: null,
  ready: false,
  ssh: null,
  snapshots: [],
});

it('shows first what a thing is called and how it is, also where that lies one level down', () => {
  const text = render({ machines: [machine('web-1', 'running'), machine('db', 'stopped')] });
  const [head, first] = text.split('\n');
  expect(head?.split(/ {2,}/).slice(0, 4)).toEqual(['NAME', 'STATE', 'ID', 'READY']);
  expect(first).toMatch(/^web-1 +running +m-web-1 +no +micro/);
  // Empty in every row.
  for (const gone of ['DETAIL', 'ACCELERATOR', 'SSH', 'USERDATA', 'SNAPSHOTS']) expect(head).not.toContain(gone);
});

it('names who did it by name, beside what was done', () => {
  const rows = [
    { seq: 7, caller: { face: 'cli', name: 'Terminal' }, summary: 'Add', undo: { possible: true, reason: '' } },
  ];
  expect(render({ entries: rows, more: false })).toContain(
    'SEQ  SUMMARY  CALLER    UNDO.POSSIBLE\n  7    Add      Terminal  yes',
  );
});

it('names a contact by what you call them, and says of their own claim that it is one', () => {
  const contact = (petname: string, label: string, name: string) => ({
    id: 'c'.repeat(22),
    person: `hy1${'a'.repeat(52)}`,
    petname,
    label,
    name,
    state: 'known',
    blocked: false,
    devices: [],
  });
  const contacts = [contact('Ann from work', 'ann-from-work', 'Bob'), contact('Bob', 'bob', 'Robert')];
  const [head, first, second] = render({ contacts }, 140).split('\n');
  expect(head).toMatch(/^PETNAME +LABEL +STATE +ID .* CALLS THEMSELVES/);
  expect(head?.split(/ {2,}/)).not.toContain('NAME');
  expect(first).toMatch(/^Ann from work +ann-from-work +known .* Bob\b/);
  expect(second).toMatch(/^Bob +bob +known .* Robert\b/);
  // Whoever is let in by an address has no name of yours: the words of the rule come first.
  const peers = [{ text: '4a2::1', kind: 'address', petname: null }];
  expect(render([...peers, { text: 'ann', kind: 'contact', petname: 'Ann' }])).toMatch(/^TEXT +PETNAME/);
});

describe('who is let in', () => {
  const exposure = (port: number, allow: string[]) => ({
    id: `${port}`.padEnd(22, 'x'),
    port,
    localPort: port,
    allow,
    state: 'open',
    detail: '',
    connections: 0,
  });
  const many = Array.from({ length: 12 }, (_, i) => `friend${i}`);

  it('stands in the table of what is offered, also where there is little room', () => {
    const exposures = [exposure(22, ['ann', 'bob.laptop']), exposure(80, ['everybody']), exposure(443, many)];
    for (const width of [70, 80, 200, Number.POSITIVE_INFINITY]) {
      const lines = render({ exposures }, width).split('\n');
      expect(lines[0]).toMatch(/^STATE +ID +PORT +LOCALPORT +ALLOW/);
      expect(lines[1]).toMatch(/ 22 +22 +ann, bob/);
      expect(lines[2]).toMatch(/ 80 +80 +everybody\b/);
      expect(lines[3]).toMatch(width > 200 ? / 443 +443 +friend0, .* friend11 / : / 443 +443 +friend0, .*…/);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }
    expect(render({ exposures }, 80)).toContain('ann, bob.laptop');
  });

  it('stands in the table of topics, nobody too', () => {
    const topics = [
      { topic: 'chat', allow: ['ann', 'bob'] },
      { topic: 'news', allow: ['everybody'] },
      { topic: 'shut', allow: [] },
    ];
    const text = render({ strangers: false, topics });
    expect(text).toMatch(/TOPIC +ALLOW\n +chat +ann, bob\n +news +everybody\n +shut +nobody\n/);
    expect(render({ strangers: false, topics: topics.slice(2) })).toMatch(/ALLOW\n +shut +nobody/);
  });
});

it('says why a peer cannot be connected to, cut rather than left out', () => {
  const peer = (endpoint: string) => ({ endpoint, reason: 'Nobody accepts connections there.', state: 'waiting' });
  const rows = (endpoint: string) => render({ peers: [{ ...peer(endpoint), failures: 3, direction: 'outbound' }] }, 80);
  expect(rows('tcp://192.168.100.123:9651')).toContain('Nobody accepts connections there.');
  expect(rows('tcp://[2001:db8:1234:5678:9abc:def0:1234:5678]:9651')).toMatch(/REASON\n.* Nobody .*…/);
});

it('keeps within the width of the terminal, but always shows the first column', () => {
  const rows = [{ name: 'x'.repeat(40), note: 'y'.repeat(40), other: 'z'.repeat(40) }];
  const lines = (width: number) => render({ rows }, width).split('\n');
  expect(Math.max(...lines(90).map((line) => line.length))).toBeLessThanOrEqual(90);
  expect(lines(90)[0]).toContain('NOTE');
  expect(lines(10)[0]).toBe('NAME');
});

it('lets no name break out of its cell, nor obey as an escape sequence', () => {
  const evil = 'a\nROOT  yes\x1b[2J\u009b31m';
  for (const value of [{ items: [{ name: evil }] }, { name: evil }, { name: evil, [evil]: 1, list: [evil] }]) {
    const text = render(value);
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(text).not.toMatch(/^ROOT/m);
  }
  expect(JSON.parse(toJson({ name: evil }))).toEqual({ name: evil });
  expect(toJson({ name: evil })).not.toMatch(/\p{Cc}/u);
});

it('shows the files of a report one after the other', () => {
  expect(render({ files: [{ name: 'facts.json', text: '{\n}\n' }] })).toBe('== facts.json\n{\n}\n\n');
});

describe('an item of a stream', () => {
  it('is one line where it is flat, without what is empty', () => {
    const item = { sequence: 1, address: '4a2::1', ms: 49.61970999999903, name: null, detail: '' };
    expect(renderItem(item)).toBe('sequence 1  address 4a2::1  ms 49.6\n');
    expect(renderItem({ hop: 2, name: 'a\nb' })).not.toContain('a\nb');
  });

  it('is shown as any answer where it holds more', () => {
    const item = { topic: 'vault', ids: ['a'] };
    expect(renderItem(item)).toBe(render(item));
  });
});
