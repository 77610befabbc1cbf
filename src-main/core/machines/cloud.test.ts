import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { diskInfo } from './images/qemu-img.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const missing = process.arch === 'arm64' ? 'the boot sector is for amd64' : await missingParts();
if (missing !== null) console.warn(`cloud.test.ts is skipped: ${missing}.`);

/**
 * The smallest disk that a firmware boots: a boot sector that prints a login prompt on the first serial port and halts. Real BIOS, real
 * QEMU, a second instead of a minute; the whole road with a real Debian is in slow/.
 */
function bootDisk(prompt: string): Uint8Array {
  const disk = new Uint8Array(1024 * 1024);
  // cld; xor ax,ax; mov ds,ax; mov si,0x7c20; again: lodsb; test al,al; jz stop; mov dx,0x3f8; out dx,al; jmp again; stop: hlt; jmp stop
  const code = 'fc31c08ed8be207cac84c07406baf803eeebf5f4ebfd';
  disk.set(Buffer.from(code, 'hex'));
  disk.set(new TextEncoder().encode(prompt), 0x20);
  disk.set([0x55, 0xaa], 510);
  return disk;
}

describe.skipIf(missing !== null)('a cloud image that boots by firmware', { timeout: 90_000 }, () => {
  let rig: Rig;
  let server: Server;
  let catalogue: string;

  beforeAll(async () => {
    const disk = bootDisk('\r\ntiny login: ');
    const sums = `${toHex(sha256(disk))} *tiny.raw\n`;
    server = createServer((request, response) => void response.end(request.url === '/tiny.raw' ? disk : sums));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    catalogue = await mkdtemp(join(tmpdir(), 'hypha-catalogue-'));
    const entry = {
      id: 'tiny',
      name: 'Tiny',
      about: 'A boot sector.',
      arch: 'amd64',
      base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      file: 'tiny.raw',
      format: 'raw',
      checksums: { file: 'SHA256SUMS', algorithm: 'sha256' },
      boot: { kind: 'firmware' },
      defaultUser: 'tiny',
      minMemoryMiB: 64,
      minDiskMiB: 1,
      tried: 'By this test.',
    };
    await writeFile(join(catalogue, 'tiny.json'), JSON.stringify({ format: 'hypha-images/1', images: [entry] }));
    rig = await createRig({ images: { catalogue } });
  });
  afterAll(async () => {
    await rig?.close();
    server?.close();
    if (catalogue) await rm(catalogue, { recursive: true, force: true });
  });

  it('is downloaded at deploy, gets a disk of its own over it, and is ready at its login prompt', async () => {
    const { handlers } = rig.machines;
    const task = fakeTask();
    const wanted = spec({ name: 'tiny-1', image: 'tiny' as never, memoryMiB: 64, diskMiB: 16, internet: true });
    const plan = await handlers['machines.plan'](wanted, fakeTask());
    expect(plan.warnings.map((w) => w.code)).toEqual(expect.arrayContaining(['DOWNLOAD', 'INTERNET', 'NO_SSH_KEY']));
    const { machine } = await handlers['machines.deploy'](wanted, task);
    expect(task.done.at(-1)).toBe(1024 * 1024);
    expect(machine).toMatchObject({ state: 'running', ready: true, ssh: { user: 'tiny' } });
    const disk = await diskInfo('qemu-img', join(rig.home, 'machines', machine.id, 'disk.qcow2'), 'qcow2');
    expect(disk['virtual-size']).toBe(16 * 1024 * 1024);
    expect(disk['full-backing-filename']).toContain(join(rig.home, 'images', 'sha256'));
    const { machine: off } = await handlers['machines.stop']({ machine: machine.id, force: true }, fakeTask());
    expect(off.state).toBe('stopped');

    // Its image cannot be removed, is not used once it was changed on disk, and comes back whole by a new download.
    const image = 'tiny' as never;
    await expect(handlers['machines.removeImage']({ image }, fakeTask())).rejects.toMatchObject({ code: 'IN_USE' });
    const base = disk['full-backing-filename'] ?? '';
    await appendFile(base, 'changed');
    await expect(handlers['machines.start']({ machine: machine.id }, fakeTask())).rejects.toMatchObject({
      code: 'CHECKSUM_WRONG',
      next: expect.stringMatching(/again/),
    });
    await handlers['machines.fetchImage']({ image }, fakeTask());
    expect((await stat(base)).size).toBe(1024 * 1024);
    await handlers['machines.delete']({ machine: machine.id }, fakeTask());
    const { freed } = await handlers['machines.removeImage']({ image }, fakeTask());
    expect(freed).toBeGreaterThan(0);
    expect(await readdir(join(rig.home, 'images', 'sha256'))).toEqual([]);
    await expect(handlers['machines.removeImage']({ image }, fakeTask())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
