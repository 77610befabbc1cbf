import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { icnsOf, icoOf } from './containers.ts';

const image = (size: number, length: number) => ({ size, png: new Uint8Array(length).fill(size % 251) });

describe('icon containers', () => {
  it('points at each image of an .ico', () => {
    const ico = Buffer.from(icoOf([image(16, 10), image(256, 30)]));
    expect([ico.readUInt16LE(2), ico.readUInt16LE(4)]).toEqual([1, 2]);
    expect([ico[6], ico[22]]).toEqual([16, 0]);
    const at = ico.readUInt32LE(22 + 12);
    expect(ico.subarray(at, at + ico.readUInt32LE(22 + 8))).toEqual(Buffer.alloc(30).fill(256 % 251));
    expect(ico.length).toBe(6 + 32 + 40);
  });

  it('chains the images of an .icns to its full length', () => {
    const icns = Buffer.from(icnsOf([image(128, 5), image(256, 7)]));
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const types: string[] = [];
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) types.push(icns.toString('latin1', at, at + 4));
    expect(types).toEqual(['ic07', 'ic13', 'ic08']);
  });

  it('are committed in the forms the packager wants', async () => {
    const ico = await readFile('assets/icons/icon.ico');
    expect(ico.readUInt16LE(2)).toBe(1);
    const icns = await readFile('assets/icons/icon.icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const png = await readFile('assets/icons/icon-512.png');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 512]);
  });
});
