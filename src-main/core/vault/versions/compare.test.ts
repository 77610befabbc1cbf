import { expect, it } from 'vitest';
import { testContext } from '../testing/harness.ts';
import { watchBench } from '../watched/testing/bench.ts';

it('tells the lines in which two versions of a text differ, and what it cannot compare', async () => {
  const w = await watchBench();
  try {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    await w.putInVault('a.txt', lines.join('\n'));
    w.bench.host.setNow(w.bench.host.now() + 60_000);
    await w.putInVault('a.txt', lines.map((line, i) => (i === 20 ? 'changed' : line)).join('\n'));
    const { versions } = await w.h()['vault.history']({ item: w.item('a.txt') }, testContext());
    const [newer, older] = versions;
    const compare = (a: string, b: string, context = 1) =>
      w.h()['vault.compare']({ older: a, newer: b, context }, testContext());
    expect(await compare(older?.id ?? '', newer?.id ?? '')).toEqual({
      ...{ added: 1, removed: 1, cut: false },
      pieces: [
        { kind: 'same', from: 19, to: 19, lines: ['line 19'] },
        { kind: 'removed', from: 20, to: 20, lines: ['line 20'] },
        { kind: 'added', from: 21, to: 20, lines: ['changed'] },
        { kind: 'same', from: 21, to: 21, lines: ['line 21'] },
      ],
    });
    expect((await compare(w.item('a.txt'), w.item('a.txt'))).pieces).toEqual([]);
    await w.putInVault('b.bin', '\0\0\0\0binary');
    await expect(compare(w.item('a.txt'), w.item('b.bin'))).rejects.toMatchObject({ code: 'NOT_TEXT' });
    await expect(compare(w.item('a.txt'), 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  } finally {
    await w.close();
  }
});
