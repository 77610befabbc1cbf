import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { memoryServers } from '../testing/memory-places.ts';

let servers: ReturnType<typeof memoryServers>;
let bench: Bench;
let outside: string;
beforeEach(async () => {
  servers = memoryServers();
  outside = await mkdtemp(join(tmpdir(), 'hypha-outside-'));
  bench = await openBench({ openRemote: servers.openRemote });
  const list = [1, 2, 3].map((n) => address(n));
  const credentials = [...list.map(() => ({ secretKey: 'hidden key' })), {}];
  for (const n of [1, 2, 3]) servers.at(where(n)).password = 'hidden key';
  await h()['vault.setup'](
    { profile: { k: 2, m: 1 }, places: [...list, { kind: 'directory', path: join(outside, 'here') }], credentials },
    testContext(),
  );
  await writeFile(join(outside, 'f'), noise(200_000, 5));
  await h()['vault.put']({ paths: [join(outside, 'f')], into: 'root', clash: 'both' }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(outside, { recursive: true, force: true });
});
const h = () => bench.vault.handlers;
const where = (n: number): string => `s${n}.example.org/box`;
const address = (n: number) =>
  ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK', site: `site ${n}` }) as const;
const rehearse = () => h()['vault.rehearse']({ files: 5 }, testContext());

it('brings servers back with the kit and the words alone, and says what is needed without its lines', async () => {
  const kit = await h()['vault.kit']({}, testContext());
  expect(kit.elsewhere).toBe(3);
  expect(kit.places.map(({ opens, secrets, here, site }) => ({ opens, secrets, here, site }))).toEqual([
    ...[1, 2, 3].map((n) => ({ opens: 'kit', secrets: ['secretKey'], here: false, site: `site ${n}` })),
    { opens: 'nothing', secrets: [], here: true, site: '' },
  ]);
  expect(kit.text).not.toContain('hidden key');
  expect(kit.text).toContain('Without the lines you need its secret access key.');
  expect(kit.text).not.toContain('ATTENTION');
  await bench.close();
  await rm(join(outside, 'here'), { recursive: true });
  servers.at(where(2)).away = true;
  bench = await openBench({ openRemote: servers.openRemote });
  // Of the lines alone, as they are typed from paper.
  const done = await h()['vault.recover']({ kit: kit.lines.join('\n') }, testContext());
  expect(done.missing.map((one) => one.where)).toEqual([where(2), join(outside, 'here')]);
  const read = h()['vault.read']({ item: '/f', offset: 0 }, testContext());
  expect(Buffer.compare(await readAll(read), noise(200_000, 5))).toBe(0);
  // What opens the one that was away came along: it is used when it is back.
  servers.at(where(2)).away = false;
  const { places } = await h()['vault.places']({}, testContext());
  expect(places.find(({ path }) => path === where(2))?.health).toBe('ok');
});

it('rehearses without what lies on this computer where that is enough, and says when it is not', async () => {
  const all = await rehearse();
  expect(all).toMatchObject({ ok: true, computerLost: true, tried: 1, wrong: 0 });
  expect(all.places.map(({ state }) => state)).toEqual(['used', 'used', 'used', 'here']);
  expect(all.lacking.join(' ')).not.toContain('on this computer were needed');
  for (const n of [1, 2]) servers.at(where(n)).away = true;
  const few = await rehearse();
  expect(few).toMatchObject({ computerLost: false });
  expect(few.places.map(({ state }) => state)).toEqual(['missing', 'missing', 'used', 'used']);
  expect(few.lacking.join(' ')).toContain('on this computer were needed');
  // A password that was changed since is told apart from a server that is away.
  servers.at(where(1)).away = false;
  servers.at(where(1)).password = 'another';
  const refused = await rehearse();
  expect(refused.places[0]).toMatchObject({ state: 'missing', why: 'The password is wrong.' });
});
