import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStanzas } from './debian-packages.ts';
import { deterministicGzip, recipeOf } from './initramfs.ts';
import { dependsOf, moduleName, resolveModules } from './modules.ts';

const module = (depends: string): Uint8Array =>
  new TextEncoder().encode(`ELF\0license=GPL\0depends=${depends}\0name=x\0`);

describe('kernel modules', () => {
  it('say what they need in their .modinfo section', () => {
    expect(dependsOf(module('virtio,virtio-ring'))).toEqual(['virtio', 'virtio_ring']);
    expect(dependsOf(module(''))).toEqual([]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void dependsOf(bytes)));
  });

  it('are ordered so that each comes after what it needs, without those built in', async () => {
    const needs: Record<string, string> = {
      net: 'failover,core',
      failover: 'core',
      core: '',
      loop_a: 'loop_b',
      loop_b: 'loop_a',
    };
    const tree = new Map(Object.keys(needs).map((n) => [n, `kernel/${n}.ko`]));
    const read = async (path: string) => module(needs[moduleName(path)] ?? '');
    const order = async (...wanted: string[]) =>
      (await resolveModules(wanted, tree, new Set(['built_in']), read)).map((m) => m.name);
    expect(await order('net', 'built_in')).toEqual(['core', 'failover', 'net']);
    expect((await order('loop_a')).sort()).toEqual(['loop_a', 'loop_b']);
    await expect(order('missing')).rejects.toThrow(/no module named missing/);
  });

  it('have the names that lsmod prints', () => {
    expect(moduleName('kernel/drivers/virtio/virtio-pci.ko.xz')).toBe('virtio_pci');
  });
});

describe("Debian's index", () => {
  it('is read stanza by stanza', () => {
    const text =
      'Package: a\nVersion: 1:2-3+b1\nSource: src (1:2-3)\nDescription: x\n long: text\n\nPackage: b\nSHA256: 00\n';
    const index = parseStanzas(text);
    expect([...index.keys()]).toEqual(['a', 'b']);
    expect(index.get('a')?.get('Source')).toBe('src (1:2-3)');
    fc.assert(fc.property(fc.string(), (any) => void parseStanzas(any)));
  });
});

describe('the initrd', () => {
  it('is packed to the same bytes on every system', () => {
    const bytes = new Uint8Array(1_000).fill(7);
    expect(deterministicGzip(bytes)).toEqual(deterministicGzip(bytes));
    expect(deterministicGzip(bytes)[9]).toBe(255);
  });

  it('has a recipe by which one that was made with other start scripts is known', () => {
    expect(recipeOf('amd64')).toMatch(/^[0-9a-f]{64}$/);
    expect(recipeOf('amd64')).toBe(recipeOf('amd64'));
    // The serial port stands in the scripts.
    expect(recipeOf('arm64')).not.toBe(recipeOf('amd64'));
  });
});
