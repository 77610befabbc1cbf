import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { installKey } from './libraries.mjs';
import { ensureNode } from './node-runtime.mjs';
import { explain } from './npm.mjs';
import { cacheDirectory, npmCandidates, withNodeFirst } from './paths.mjs';
import { fileFromTarball } from './tar.mjs';

/** One ustar entry, written independently of the reader. */
function entry(name: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('ustar\0', 257);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

describe('reading one file out of a tarball', () => {
  it('finds every file at any position and size', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1500 }), { minLength: 1, maxLength: 5 }), (files) => {
        const parts = files.map((bytes, i) => entry(`package/f${i}`, Buffer.from(bytes)));
        const tarball = gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
        files.forEach((bytes, i) => {
          expect(fileFromTarball(tarball, `package/f${i}`)).toEqual(Buffer.from(bytes));
        });
        expect(fileFromTarball(tarball, 'package/none')).toBeNull();
      }),
    );
  });

  it('answers any bytes with a file, null or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        try {
          fileFromTarball(gzipSync(bytes), 'package/bin/node');
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('paths', () => {
  it('keeps the cache where each system keeps caches', () => {
    expect(cacheDirectory({}, 'linux', '/home/a')).toBe('/home/a/.cache/hypha');
    expect(cacheDirectory({ XDG_CACHE_HOME: '/c' }, 'linux', '/home/a')).toBe('/c/hypha');
    expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/a')).toBe('/home/a/.cache/hypha');
    expect(cacheDirectory({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/hypha');
    expect(cacheDirectory({ LOCALAPPDATA: 'C:\\L' }, 'win32', 'C:\\U')).toBe('C:\\L\\hypha-cache');
    expect(cacheDirectory({}, 'win32', 'C:\\U')).toBe('C:\\U\\AppData\\Local\\hypha-cache');
  });

  it('puts the Node in front under the name the system uses', () => {
    expect(withNodeFirst({ PATH: '/usr/bin' }, '/c/node/node', 'linux')).toEqual({ PATH: '/c/node:/usr/bin' });
    expect(withNodeFirst({ Path: 'C:\\W' }, 'C:\\n\\node.exe', 'win32')).toEqual({ Path: 'C:\\n;C:\\W' });
    expect(withNodeFirst({}, '/c/node', 'linux')).toEqual({ PATH: '/c' });
  });

  it('looks for npm first where npm says it is, and never takes another package manager for it', () => {
    expect(npmCandidates({ npm_execpath: '/x/npm-cli.js' }, 'linux', '/usr/bin/node', [])[0]).toBe('/x/npm-cli.js');
    expect(npmCandidates({ npm_execpath: '/x/yarn.js' }, 'linux', '/usr/bin/node', [])).not.toContain('/x/yarn.js');
    expect(npmCandidates({}, 'linux', '/usr/bin/node', [])).toContain('/usr/lib/node_modules/npm/bin/npm-cli.js');
    expect(npmCandidates({}, 'win32', 'C:\\n\\node.exe', [])).toContain('C:\\n\\node_modules\\npm\\bin\\npm-cli.js');
  });
});

describe('what the bootstrap decides', () => {
  it('goes on with a running Node that is new enough', async () => {
    const asked = { env: {}, platform: 'linux', arch: 'x64', execPath: '/usr/bin/node' };
    expect(await ensureNode({ ...asked, running: '24.0.0' })).toBe('/usr/bin/node');
    expect(await ensureNode({ ...asked, running: '26.1.0' })).toBe('/usr/bin/node');
  });

  it('says plainly when no Node is published for a system', async () => {
    const asked = ensureNode({
      env: { XDG_CACHE_HOME: '/nowhere' },
      platform: 'sunos',
      arch: 'sparc',
      running: '20.1.0',
    });
    await expect(asked).rejects.toThrow(/none is published for sunos-sparc/);
  });

  it('tells a missing network from a wrong package', () => {
    expect(explain('Node', 'npm error code ENOTFOUND\nnpm error x')).toMatch(/could not be reached \(ENOTFOUND\)/);
    expect(explain('Node', 'npm error code EINTEGRITY\nnpm error sha512 differs')).toBe(
      'Node could not be installed: code EINTEGRITY sha512 differs',
    );
  });

  it('installs again when the lock file or the system changes', () => {
    const key = installKey('{}', 'linux', 'x64');
    expect(installKey('{}', 'linux', 'x64')).toBe(key);
    expect(installKey('{ }', 'linux', 'x64')).not.toBe(key);
    expect(installKey('{}', 'linux', 'arm64')).not.toBe(key);
  });
});
