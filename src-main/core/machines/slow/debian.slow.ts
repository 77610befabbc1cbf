import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '#shared/contract/machines.ts';
import { type OnMesh, startOnMesh } from '../testing/on-mesh.ts';
import { createRig, fakeTask, type Rig, spec } from '../testing/rig.ts';
import { buildDebianGuest } from './debian-guest.ts';

const run = promisify(execFile);

/**
 * A real Debian guest from a vendor's server: download cut off, gone on with, checked, booted to its login prompt with its user data
 * applied, reached by the OpenSSH client. Takes minutes: HYPHA_SLOW=1 npx vitest run --project node src-main/core/machines/slow
 */
describe('a real Debian cloud guest', { timeout: 1_200_000 }, () => {
  let guest: string;
  let catalogue: string;
  let rig: Rig;
  let node: OnMesh;
  const server = createServer();
  const asked: (string | undefined)[] = [];
  /** Byte at which the first answer for the disk is broken off, once the reader has it. */
  let breakAt = 0;
  let reached = (_done: number): void => {};

  beforeAll(async () => {
    guest = await buildDebianGuest();
    server.on('request', async (request, response) => {
      const file = join(guest, (request.url ?? '/').slice(1));
      const { size } = await stat(file);
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const isDisk = request.url === '/disk.qcow2';
      if (isDisk) asked.push(request.headers.range);
      const end = isDisk && from === 0 ? breakAt : size;
      response.writeHead(from > 0 ? 206 : 200, {
        etag: '"guest-1"',
        'content-length': size - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}),
      });
      if (end < size) {
        reached = (done) => {
          if (done >= end) response.destroy();
        };
      }
      createReadStream(file, { start: from, end: end - 1 }).pipe(response, { end: end === size });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    catalogue = await mkdtemp(join(tmpdir(), 'hypha-catalogue-'));
    const entry = {
      id: 'debian-test',
      name: 'Debian 12 made here',
      about: 'Made by mmdebstrap for this test.',
      arch: 'amd64',
      base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      file: 'disk.qcow2',
      format: 'qcow2',
      checksums: { file: 'SHA512SUMS', algorithm: 'sha512' },
      boot: {
        kind: 'direct',
        kernel: 'vmlinuz',
        initrd: 'initrd.img',
        append: 'root=LABEL=root rw console=ttyS0 net.ifnames=0',
      },
      defaultUser: 'debian',
      minMemoryMiB: 512,
      minDiskMiB: 1_500,
      tried: 'Booted by this very test.',
    };
    await writeFile(join(catalogue, 'test.json'), JSON.stringify({ format: 'hypha-images/1', images: [entry] }));
    node = await startOnMesh();
    rig = await createRig({ images: { catalogue }, mesh: node.mesh });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(rig.home, 'key')]);
  }, 1_200_000);

  afterAll(async () => {
    await rig?.close();
    await node?.stop();
    server.closeAllConnections();
    server.close();
    if (catalogue) await rm(catalogue, { recursive: true, force: true });
  });

  it('is downloaded in two pieces and booted to login with its user data', async () => {
    const { handlers } = rig.machines;
    const size = (await stat(join(guest, 'disk.qcow2'))).size;
    breakAt = Math.floor(size / 2);
    const task = fakeTask();
    const fetchTask = { ...task, progress: (done: number) => reached(done) };
    const { image } = await handlers['machines.fetchImage']({ image: 'debian-test' as never }, fetchTask);
    expect(image).toMatchObject({ state: 'ready', size });
    expect(asked.length).toBe(2);
    expect(Number(/bytes=(\d+)-/.exec(asked[1] ?? '')?.[1])).toBeGreaterThan(1_000_000);

    const sshKeys = [await readFile(join(rig.home, 'key.pub'), 'utf8')];
    const userData = '#!/bin/sh\necho "$(hostname) applied" > /var/tmp/proof\n';
    const wanted = spec({
      name: 'deb-1',
      image: 'debian-test' as never,
      cpus: 2,
      memoryMiB: 768,
      diskMiB: 3_000,
      sshKeys,
      userData,
    });
    const begin = performance.now();
    const { machine } = await handlers['machines.deploy'](wanted, fakeTask());
    console.log(`ready after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    expect(machine).toMatchObject({ state: 'running', ready: true, hostKey: expect.stringMatching(/^ssh-ed25519 /) });

    // User data runs last: ask over SSH, with the host key known beforehand, until cloud-init says that it is done.
    expect(
      await ssh(
        machine,
        'cloud-init status --wait >/dev/null; cat /var/tmp/proof; . /etc/os-release; echo $ID $VERSION_ID',
      ),
    ).toBe('deb-1 applied\ndebian 12\n');
    console.log(`user data applied after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    // cloud-init has given the card for the mesh the one address that may leave it.
    const address = machine.mesh?.address ?? '';
    expect(await ssh(machine, 'ip -6 addr show scope global; ip -6 route; ip link')).toMatch(
      new RegExp(`inet6 ${address}/128 scope global[\\s\\S]*400::/7 via fe80::1 dev \\S+[\\s\\S]*mtu 1400`),
    );
    await node.reaches(address, 22);

    const log = await readFile(join(rig.home, 'machines', machine.id, 'console.log'), 'latin1');
    expect(log).toMatch(/deb-1 login:/);
    const { machine: off } = await handlers['machines.stop']({ machine: 'deb-1', force: false }, fakeTask());
    expect(off).toMatchObject({ state: 'stopped', detail: '' });
    expect(await readdir(join(rig.home, 'images', 'sha512'))).toHaveLength(3);
  });

  /** sshd answers before cloud-init has put the key in place; try until it lets us in. */
  async function ssh(machine: Machine, command: string): Promise<string> {
    const words = machine.ssh?.command.split(' ').slice(1) ?? [];
    const options = ['-i', join(rig.home, 'key'), '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=60', '-F', '/dev/null'];
    for (let tries = 60; ; tries--) {
      try {
        return (await run('ssh', [...options, ...words, command])).stdout;
      } catch (error) {
        if (tries <= 1) throw error;
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      }
    }
  }
});
