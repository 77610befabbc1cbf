/** One rendered size of the icon: a square PNG. */
export interface Rendered {
  readonly size: number;
  readonly png: Uint8Array;
}

/**
 * Windows icon: a directory and PNG images, which Windows reads since Vista. Layout, little-endian ("ICO file format",
 * Microsoft): 0 u16 0; 2 u16 type 1; 4 u16 count; then per image 16 bytes: width and height u8 (0 means 256), colours
 * u8, reserved u8, planes u16, bits u16, length u32, offset u32.
 */
export function icoOf(images: readonly Rendered[]): Uint8Array {
  const head = Buffer.alloc(6 + images.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  images.forEach(({ size, png }, index) => {
    const at = 6 + index * 16;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...images.map((one) => one.png)]);
}

/** Which of Apple's icon types holds a PNG of which size ("Apple Icon Image format"). */
const icnsTypes: readonly (readonly [string, number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** macOS icon. Layout, big-endian: 'icns', u32 length of all; then per image: type (4), u32 length with these 8, PNG. */
export function icnsOf(images: readonly Rendered[]): Uint8Array {
  const parts = icnsTypes.flatMap(([type, size]) => {
    const png = images.find((one) => one.size === size)?.png;
    if (png === undefined) return [];
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return [head, png];
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}
