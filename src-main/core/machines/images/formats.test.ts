import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey } from '#core/crypto/sign.ts';
import { Fail } from '#shared/rpc/fail.ts';
import { decodeCatalogue } from './catalogue.ts';
import { findChecksum } from './checksums.ts';
import { type CpioEntry, decodeCpio, directory, encodeCpio, file, joinSegments, symlink } from './cpio.ts';
import { decodeIso, encodeIso } from './iso9660.ts';
import { microConfigSegment } from './micro-config.ts';
import { noCloudSeed } from './seed.ts';
import { dropbearHostKey, opensshHostKey, publicHostKey } from './ssh-host-key.ts';

const run = promisify(execFile);
const bytes = fc.uint8Array({ maxLength: 3_000 });
const present = (program: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );

async function inTemporaryFile<T>(content: Uint8Array | string, use: (path: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'hypha-format-'));
  try {
    const path = join(dir, 'file');
    await writeFile(path, content, { mode: 0o600 });
    return await use(path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Any bytes give a value or a typed failure. */
function survives(decode: (input: Uint8Array) => unknown, input: Uint8Array): void {
  try {
    decode(input);
  } catch (error) {
    if (!(error instanceof Fail)) throw error;
  }
}

describe('cpio', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9/._-]{0,40}$/);
  const entry: fc.Arbitrary<CpioEntry> = fc.oneof(
    name.map((n) => directory(n)),
    fc.tuple(name, bytes).map(([n, data]) => file(n, data, 0o755)),
    fc.tuple(name, name).map(([n, to]) => symlink(n, to)),
  );

  it('reads back what it wrote, and is a multiple of 4 long', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const encoded = encodeCpio(entries);
        expect(encoded.length % 4).toBe(0);
        expect(decodeCpio(encoded)).toEqual(entries);
      }),
    );
  });

  it('has the header that the kernel documents', () => {
    const head = new TextDecoder().decode(encodeCpio([file('a', 'x')]).subarray(0, 110));
    expect(head).toMatch(/^070701000000010{4}81A4(0{8}){2}000000010{8}00000001/);
  });

  it('survives any bytes and any damage', () => {
    fc.assert(fc.property(bytes, (input) => survives(decodeCpio, input)));
    const good = encodeCpio([directory('d'), file('d/f', 'content'), symlink('l', 'd/f')]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bad = good.slice();
        bad[at] = value;
        survives(decodeCpio, bad);
      }),
    );
  });

  it('is read by the cpio program', async () => {
    if (!(await present('cpio')) && !(await present('busybox')))
      return console.warn('cpio check skipped: no cpio program');
    const tool = (await present('cpio')) ? 'cpio' : 'busybox cpio';
    const archive = encodeCpio([directory('hypha'), file('hypha/env', 'HOST=a\n')]);
    const { stdout } = await inTemporaryFile(archive, (path) => run('sh', ['-c', `${tool} -it < "${path}"`]));
    expect(stdout).toBe('hypha\nhypha/env\n');
  });

  it('starts every segment on a multiple of 4', () => {
    const joined = joinSegments(new Uint8Array(5).fill(1), encodeCpio([]));
    expect(decodeCpio(joined.subarray(8))).toEqual([]);
  });
});

describe('the configuration segment of Hypha Micro', () => {
  it('holds the name, keys and script, and refuses what a shell would take apart', () => {
    const config = {
      hostName: 'web-1',
      sshKeys: ['ssh-ed25519 AAAA a '],
      userData: '#!/bin/sh\n',
      hostKey: new Uint8Array(9),
    };
    const files = decodeCpio(microConfigSegment({ ...config, network: { MAC: '52:54:00:00:00:01' } }));
    const text = (path: string) => new TextDecoder().decode(files.find((f) => f.path === path)?.data);
    expect(text('hypha/env')).toBe('HOST=web-1\nMAC=52:54:00:00:00:01\n');
    expect(text('hypha/authorized_keys')).toBe('ssh-ed25519 AAAA a\n');
    expect(() => microConfigSegment({ ...config, network: { MAC: '$(reboot)' } })).toThrow(/unsafe/);
  });
});

describe('seed images', () => {
  const isoFile = fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9._-]{0,30}$/), data: bytes });

  it('read back what they hold', () => {
    fc.assert(
      fc.property(fc.uniqueArray(isoFile, { maxLength: 8, selector: (f) => f.name }), (files) => {
        const { label, files: read } = decodeIso(encodeIso('cidata', files));
        expect(label).toBe('cidata');
        expect(read).toEqual(files.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
      }),
    );
  });

  it('survive any bytes and any damage when read', () => {
    fc.assert(fc.property(bytes, (input) => survives(decodeIso, input)));
    const good = encodeIso('cidata', [{ name: 'meta-data', data: new Uint8Array(10) }]);
    fc.assert(
      fc.property(fc.integer({ min: 16 * 2048, max: good.length - 1 }), fc.nat(255), (at, value) => {
        const bad = good.slice();
        bad[at] = value;
        survives(decodeIso, bad);
      }),
    );
  });

  const seed = noCloudSeed({
    instance: 'i1',
    hostName: 'web-1',
    sshKeys: ['ssh-ed25519 AAAA a'],
    userData: '#!/bin/sh\necho hello\n',
    hostKey: { private: 'PRIVATE', public: 'ssh-ed25519 BBBB' },
    macs: ['52:54:00:00:00:01'],
    mesh: { mac: '52:54:00:00:00:02', address: '4a1:2:3:4:5054:ff:fe00:2', router: 'fe80::1', mtu: 1400 },
  });

  it('carry the three NoCloud files and both parts of the user data', () => {
    const files = new Map(decodeIso(seed).files.map((f) => [f.name, new TextDecoder().decode(f.data)]));
    expect([...files.keys()]).toEqual(['meta-data', 'network-config', 'user-data']);
    expect(JSON.parse(files.get('meta-data') ?? '')).toEqual({ 'instance-id': 'i1', 'local-hostname': 'web-1' });
    expect(JSON.parse(files.get('network-config') ?? '')).toEqual({
      version: 2,
      ethernets: {
        nic0: { match: { macaddress: '52:54:00:00:00:01' }, dhcp4: true, optional: false },
        mesh0: {
          match: { macaddress: '52:54:00:00:00:02' },
          dhcp4: false,
          'accept-ra': false,
          addresses: ['4a1:2:3:4:5054:ff:fe00:2/128'],
          routes: [{ to: '400::/7', via: 'fe80::1' }],
          mtu: 1400,
          optional: true,
        },
      },
    });
    expect(files.get('user-data')).toContain('text/x-shellscript');
    expect(files.get('user-data')).toContain(Buffer.from('#!/bin/sh\necho hello\n').toString('base64'));
  });

  it('are read by isoinfo and blkid', async () => {
    if (await present('isoinfo')) {
      const { stdout } = await inTemporaryFile(seed, (path) => run('isoinfo', ['-J', '-f', '-i', path]));
      expect(stdout.trim().split('\n').sort()).toEqual(['/meta-data', '/network-config', '/user-data']);
    } else console.warn('isoinfo check skipped: isoinfo is not installed');
    if (await present('blkid')) {
      const { stdout } = await inTemporaryFile(seed, (path) => run('blkid', ['-p', '-o', 'export', path]));
      expect(stdout).toMatch(/LABEL=cidata/);
      expect(stdout).toMatch(/TYPE=iso9660/);
    } else console.warn('blkid check skipped: blkid is not installed');
  });
});

describe('SSH host keys', () => {
  const seed = new Uint8Array(32).fill(7);

  it('are read by OpenSSH, which finds the public half that we computed', async () => {
    if (!(await present('ssh-keygen'))) return console.warn('ssh-keygen check skipped: not installed');
    const { stdout } = await inTemporaryFile(opensshHostKey(seed, 42), (path) => run('ssh-keygen', ['-y', '-f', path]));
    expect(stdout.trim()).toBe(publicHostKey(seed));
  });

  it('have dropbear’s form: name, then seed and public key in one string', () => {
    const key = dropbearHostKey(seed);
    expect(key.length).toBe(4 + 11 + 4 + 64);
    expect(key.subarray(19, 51)).toEqual(seed);
    expect(key.subarray(51)).toEqual(ed25519PublicKey(seed));
  });
});

describe('checksum files', () => {
  const hex = 'ab'.repeat(64);
  it('are understood in all three forms in use', () => {
    expect(findChecksum(`${'0'.repeat(128)}  other\n${hex}  disk.qcow2\n`, 'disk.qcow2', 'sha512')).toBe(hex);
    expect(findChecksum(`${hex} *disk.qcow2\r\n`, 'disk.qcow2', 'sha512')).toBe(hex);
    expect(findChecksum(`SHA512 (disk.qcow2) = ${hex.toUpperCase()}\n`, 'disk.qcow2', 'sha512')).toBe(hex);
    expect(findChecksum(`${hex}\n`, 'disk.qcow2', 'sha512')).toBe(hex);
  });

  it('that do not name the file are refused, whatever is in them', () => {
    expect(() => findChecksum(`${hex}  x/disk.qcow2\n`, 'disk.qcow2', 'sha512')).toThrow(Fail);
    expect(() => findChecksum(`${'ab'.repeat(32)}  disk.qcow2\n`, 'disk.qcow2', 'sha512')).toThrow(Fail);
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(() => findChecksum(text, 'disk.qcow2', 'sha256')).toThrow(Fail);
      }),
    );
  });
});

describe('catalogue files', () => {
  it('survive any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => survives(() => decodeCatalogue(text), new Uint8Array())),
    );
  });
});
