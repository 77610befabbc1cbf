import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { noise } from '../testing/harness.ts';
import { pieceMostBytes } from './ports.ts';
import { fetch, meet, openDevice, type TestDevice, tell } from './testing/bench.ts';

const opened: TestDevice[] = [];
const open = async (...names: string[]): Promise<TestDevice[]> => {
  for (const name of names) opened.push(await openDevice(name));
  return opened.slice(-names.length);
};
afterEach(async () => {
  for (const device of opened.splice(0)) await device.close();
});

it('brings two vaults together that both hold files: what is the same becomes one, what is not stays beside', async () => {
  const [desk, lap] = (await open('desk', 'lap')) as [TestDevice, TestDevice];
  for (const device of [desk, lap]) {
    await device.folder('Letters');
    await device.write('Letters/same.txt', 'the same on both');
  }
  await desk.write('Letters/plan.txt', 'plan of the desk');
  await lap.write('Letters/plan.txt', 'plan of the laptop');
  await lap.write('only.txt', 'only here');
  await meet(desk, lap);
  const shape = await desk.shape();
  expect(await lap.shape()).toEqual(shape);
  expect(Object.keys(shape).filter((path) => path.includes('same'))).toEqual(['Letters/same.txt']);
  const plans = Object.entries(shape).filter(([path]) => path.includes('plan'));
  expect(plans.map(([, content]) => content).sort()).toEqual(['plan of the desk', 'plan of the laptop']);
  expect(plans.map(([path]) => path).some((path) => /plan \(from (desk|lap)\)\.txt$/.test(path))).toBe(true);
  expect(shape['only.txt']).toBe('only here');
});

it('follows renames, moves, new versions, deletions and what is brought back', async () => {
  const [desk, lap] = (await open('desk', 'lap')) as [TestDevice, TestDevice];
  await desk.folder('a');
  await desk.write('a/one.txt', 'one');
  await desk.write('a/two.txt', 'two');
  await meet(desk, lap);
  expect(await lap.shape()).toEqual({ 'a/': '', 'a/one.txt': 'one', 'a/two.txt': 'two' });

  await lap.rename('a', 'b');
  await lap.folder('c');
  await lap.move('b/one.txt', 'c');
  await desk.write('a/two.txt', 'two, again');
  await meet(desk, lap);
  const both = { 'b/': '', 'b/two.txt': 'two, again', 'c/': '', 'c/one.txt': 'one' };
  expect(await desk.shape()).toEqual(both);
  expect(await lap.shape()).toEqual(both);

  await desk.bin('b');
  await meet(desk, lap);
  expect(await lap.shape()).toEqual({ 'c/': '', 'c/one.txt': 'one' });
  await lap.restore('b');
  await meet(desk, lap);
  expect(await desk.shape()).toEqual(both);

  // Deleted for good on one: in the bin of the other, which may bring it back as something new.
  await desk.bin('c');
  await desk.purge();
  await meet(desk, lap);
  expect(await lap.shape()).toEqual({ 'b/': '', 'b/two.txt': 'two, again' });
  expect(desk.replica.state().deletions).toBe(2);
  for (const device of [desk, lap]) device.host.setNow(device.host.now() + 31 * 24 * 3600 * 1000);
  await meet(desk, lap);
  expect(desk.replica.state().deletions).toBe(0);
  expect(lap.replica.state().deletions).toBe(0);
  await lap.restore('c');
  await meet(desk, lap);
  expect(await desk.shape()).toEqual(both);
});

it('keeps both edits of a file that two devices changed while apart, and an edit against a deletion', async () => {
  const [desk, lap] = (await open('desk', 'lap')) as [TestDevice, TestDevice];
  await desk.write('note.txt', 'first');
  await desk.write('gone.txt', 'first');
  await meet(desk, lap);
  // A clock that is wrong by a year decides who keeps the name, and nothing else.
  lap.host.setNow(lap.host.now() + 365 * 24 * 3600 * 1000);
  await lap.write('note.txt', 'by the laptop');
  await desk.write('note.txt', 'by the desk');
  await lap.bin('gone.txt');
  await desk.write('gone.txt', 'edited');
  await meet(desk, lap);
  const shape = { 'gone.txt': 'edited', 'note (from desk).txt': 'by the desk', 'note.txt': 'by the laptop' };
  expect(await desk.shape()).toEqual(shape);
  expect(await lap.shape()).toEqual(shape);
  // It has seen that by now, and its clock is a year behind: what it writes now counts all the same.
  await desk.write('note.txt', 'later');
  await desk.bin('note (from desk).txt');
  await meet(desk, lap);
  expect(await lap.shape()).toEqual({ 'gone.txt': 'edited', 'note.txt': 'later' });
  expect(await desk.shape()).toEqual(await lap.shape());
});

it('goes on with a large file after a restart, and takes nothing that is not what it is said to be', async () => {
  const [desk, lap] = (await open('desk', 'lap')) as [TestDevice, TestDevice];
  const bytes = noise(5 * pieceMostBytes + 77, 3);
  await desk.write('film.bin', bytes);
  for (const device of [desk, lap]) device.know([desk, lap].filter((one) => one !== device));
  await desk.replica.settled();
  await tell(desk, lap);
  await lap.replica.settled();
  expect(lap.replica.wants(9)).toMatchObject([{ size: bytes.length, from: 0, name: 'film.bin' }]);
  expect(await fetch(desk, lap, 3)).toBe(3);
  expect(await lap.shape()).toEqual({});
  // Nothing that can be read lies on the disk.
  const parts = join(lap.home, 'vault', 'arriving');
  const part = readFileSync(join(parts, readdirSync(parts)[0] ?? ''));
  expect(part.includes(bytes.subarray(1000, 1032))).toBe(false);

  await lap.restart();
  await lap.replica.settled();
  expect(lap.replica.wants(9)).toMatchObject([{ size: bytes.length, from: 3 * pieceMostBytes }]);
  const [wanted] = lap.replica.wants(1);
  const content = wanted?.content ?? '';
  for (let at = 3 * pieceMostBytes; at < bytes.length; at += pieceMostBytes) {
    const sending = lap.replica.arrived(content, at, noise(Math.min(pieceMostBytes, bytes.length - at), at));
    if (at + pieceMostBytes < bytes.length) await sending;
    else await expect(sending).rejects.toMatchObject({ code: 'BAD_CONTENT' });
  }
  await lap.replica.settled();
  expect(await lap.shape()).toEqual({});
  expect(lap.replica.wants(9)).toMatchObject([{ from: 0 }]);
  // A power cut that took a piece which was written already: it is asked for again.
  await fetch(desk, lap, 3);
  await lap.stop();
  const path = join(parts, readdirSync(parts)[0] ?? '');
  const torn = readFileSync(path);
  torn.fill(0, torn.length - 4096);
  writeFileSync(path, torn);
  await lap.restart();
  await meet(desk, lap);
  expect(await lap.shape()).toEqual({ 'film.bin': `${bytes.length} bytes` });
  expect(await lap.replica.read(content, bytes.length - 77, 1000, new AbortController().signal)).toEqual(
    new Uint8Array(bytes.subarray(-77)),
  );
  expect(readdirSync(parts)).toEqual([]);
  // The same bytes elsewhere need nobody.
  await desk.write('copy.bin', bytes);
  await desk.replica.settled();
  await tell(desk, lap);
  await lap.replica.settled();
  expect(Object.keys(await lap.shape())).toEqual(['copy.bin', 'film.bin']);
});

it('tells and shows nothing while locked, goes on after it, and leaves nothing readable on the disk', async () => {
  const [desk, lap] = (await open('desk', 'lap')) as [TestDevice, TestDevice];
  await desk.write('a name that nobody else shall read.txt', 'x');
  await meet(desk, lap);
  lap.keys.set(null);
  expect(() => lap.replica.vector(desk.id)).toThrow(expect.objectContaining({ code: 'LOCKED' }));
  await expect(lap.replica.take(desk.id, new Uint8Array(3))).rejects.toMatchObject({ code: 'LOCKED' });
  await lap.stop();
  const files = readdirSync(join(lap.home, 'vault')).map((name) => join(lap.home, 'vault', name));
  const readable = files.filter(
    (path) => statSync(path).isFile() && readFileSync(path).includes('a name that nobody else shall read'),
  );
  expect(readable).toEqual([]);
  await lap.restart();
  await desk.write('b.txt', 'y');
  await meet(desk, lap);
  expect(Object.keys(await lap.shape())).toEqual(['a name that nobody else shall read.txt', 'b.txt']);
  expect(() => lap.replica.since(desk.id, new Uint8Array([1, 2, 3]), 65_536)).toThrow(
    expect.objectContaining({ code: 'BAD_MESSAGE' }),
  );
  await expect(lap.replica.take(desk.id, new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
});
