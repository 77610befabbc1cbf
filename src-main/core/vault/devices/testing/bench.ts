import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeHost } from '#core/testing/fake-host.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { createCore } from '../../core.ts';
import type { VaultDeps } from '../../ports.ts';
import { browseHandlers } from '../../service/browse.ts';
import { changeHandlers } from '../../service/change.ts';
import { createDescriber } from '../../service/describe.ts';
import { placeHandlers } from '../../service/places.ts';
import { readHandlers } from '../../service/read.ts';
import { createUploads } from '../../service/uploads.ts';
import { quietLog, readAll, testContext, testKeys } from '../../testing/harness.ts';
import { createVersions } from '../../versions/versions.ts';
import { createDevices } from '../devices.ts';
import { pieceMostBytes, type Replica } from '../ports.ts';

const root = new Uint8Array(32).fill(42);

/** A device of a person with a vault of its own: the real vault, and of the agent nothing else. */
export async function openDevice(name: string, extra: Partial<VaultDeps> = {}, seed = name.charCodeAt(0)) {
  const home = extra.home ?? (await mkdtemp(join(tmpdir(), `hypha-device-${name}-`)));
  const host = createFakeHost({ seed: seed + Math.floor(Math.random() * 2 ** 30) });
  const id = name as DeviceId;
  const open = async (more: Partial<VaultDeps> = {}) => {
    const keys = testKeys(root);
    const core = createCore({ host, log: quietLog, emit: () => {}, home, keys, workers: 0, ...extra, ...more });
    const devices = createDevices(core);
    const describe = createDescriber();
    const search = { status: () => ({ state: 'off' }) } as never;
    const browse = browseHandlers(core, describe, search);
    const handlers = {
      ...browse,
      ...changeHandlers(core, describe),
      ...readHandlers(core, createVersions(core)),
      ...createUploads(core, describe).handlers,
      ...placeHandlers(core, describe, browse['vault.status']),
    };
    await core.start();
    if (core.state() === 'none') await handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
    await core.session();
    const replica = await devices.start({ id, name }, []);
    return { keys, core, devices, handlers, replica };
  };
  let now = await open();
  let peers: { id: DeviceId; name: string }[] = [];
  const h = () => now.handlers;

  const device = {
    name,
    id,
    home,
    host,
    get core() {
      return now.core;
    },
    get keys() {
      return now.keys;
    },
    get replica(): Replica {
      return now.replica;
    },
    get devices() {
      return now.devices;
    },
    know(others: readonly { readonly id: DeviceId; readonly name: string }[]): void {
      peers = others.map(({ id, name }) => ({ id, name }));
      now.replica.setPeers(peers);
    },
    /** Begins again on the same directory, as an agent does that was killed or ended. */
    async restart(more: Partial<VaultDeps> = {}): Promise<void> {
      await now.devices.stop();
      await now.core.stop();
      now = await open(more);
      now.replica.setPeers(peers);
    },
    async write(path: string, content: string | Uint8Array): Promise<void> {
      const context = testContext();
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const { upload } = await h()['vault.uploadOpen'](
        { into: 'root' as never, path: path.split('/'), size: bytes.length, modified: 1000, clash: 'replace' },
        context,
      );
      for (let at = 0; at < bytes.length; at += pieceMostBytes) {
        await h()['vault.uploadWrite']({ upload, offset: at, bytes: bytes.subarray(at, at + pieceMostBytes) }, context);
      }
      await h()['vault.uploadCommit']({ upload }, context);
    },
    idOf(path: string): string {
      const node = now.core.current()?.tree.find(path);
      if (!node) throw new Error(`there is no ${path} on ${name}`);
      return node.id;
    },
    async folder(path: string): Promise<void> {
      const at = path.lastIndexOf('/');
      const parent = at < 0 ? 'root' : device.idOf(path.slice(0, at));
      await h()['vault.makeFolder']({ parent: parent as never, name: path.slice(at + 1) }, testContext());
    },
    async rename(path: string, to: string): Promise<void> {
      await h()['vault.rename']({ item: device.idOf(path) as never, name: to }, testContext());
    },
    async move(path: string, into: string): Promise<void> {
      const target = into === '' ? 'root' : device.idOf(into);
      await h()['vault.move']({ items: [device.idOf(path) as never], into: target as never }, testContext());
    },
    async bin(path: string): Promise<void> {
      await h()['vault.bin']({ items: [device.idOf(path) as never] }, testContext());
    },
    async restore(name: string): Promise<void> {
      const node = [...(now.core.current()?.tree.bin.values() ?? [])].find((one) => one.name === name);
      await h()['vault.restore']({ items: [node?.id as never] }, testContext());
    },
    async purge(): Promise<void> {
      await h()['vault.purge']({}, testContext());
    },
    /** Path to content; folders end in a slash. */
    async shape(): Promise<Record<string, string>> {
      const out: Record<string, string> = {};
      const session = await now.core.session();
      const look = async (folder: string | null, path: string): Promise<void> => {
        for (const node of [...session.tree.children(folder).values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
          if (node.kind === 'folder') {
            out[`${path}${node.name}/`] = '';
            await look(node.id, `${path}${node.name}/`);
            continue;
          }
          const stream = h()['vault.read']({ item: node.id as never, offset: 0 }, testContext());
          const bytes = await readAll(stream);
          out[path + node.name] = bytes.length > 100 ? `${bytes.length} bytes` : bytes.toString();
        }
      };
      await look(null, '');
      return out;
    },
    async stop(): Promise<void> {
      await now.devices.stop();
      await now.core.stop();
    },
    async close(): Promise<void> {
      await device.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
  return device;
}
export type TestDevice = Awaited<ReturnType<typeof openDevice>>;

/** What one lacks of what the other knows. @returns whether anything came */
export async function tell(from: TestDevice, to: TestDevice, most = 65_536): Promise<boolean> {
  let came = false;
  for (let n = 0; n < 1000; n++) {
    const batch = from.replica.since(to.id, to.replica.vector(from.id), most);
    if (!batch) return came;
    came = (await to.replica.take(from.id, batch)).changed || came;
  }
  throw new Error('there is no end of it');
}
/** Bytes that one wants and the other has. */
export async function fetch(from: TestDevice, to: TestDevice, mostPieces = Number.POSITIVE_INFINITY): Promise<number> {
  let pieces = 0;
  for (const { content, from: start } of to.replica.wants(1000)) {
    if (from.replica.has(content) === null) continue;
    let at = start;
    while (pieces < mostPieces) {
      const bytes = await from.replica.read(content, at, pieceMostBytes, new AbortController().signal);
      const { received, done } = await to.replica.arrived(content, at, bytes);
      pieces++;
      if (done) break;
      // It may go back, where something was torn; but not for ever.
      if (pieces > 10_000) throw new Error('it does not go on');
      at = received;
    }
  }
  return pieces;
}
/** All of them are together until nobody has anything to tell. */
export async function meet(...devices: readonly TestDevice[]): Promise<void> {
  for (const device of devices) device.know(devices.filter((one) => one !== device));
  for (let round = 0; round < 50; round++) {
    let busy = false;
    for (const device of devices) await device.replica.settled();
    for (const from of devices) {
      for (const to of devices) {
        if (from === to) continue;
        if (await tell(from, to)) busy = true;
        await to.replica.settled();
        if ((await fetch(from, to)) > 0) busy = true;
      }
    }
    if (!busy) return;
  }
  throw new Error('the devices do not come to rest');
}
