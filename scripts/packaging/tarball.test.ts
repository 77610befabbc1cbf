import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileFromTarball } from '../bootstrap/tar.mjs';
import { tarHeader } from './tarball.ts';

describe('writing a tarball', () => {
  const segment = fc.stringMatching(/^[a-z0-9.-]{1,40}$/);
  it('is read back by the other end, whatever the name and size', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        fc.uint8Array({ maxLength: 1200 }),
        (parts, bytes) => {
          const name = parts.join('/');
          const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
          const tarball = gzipSync(
            Buffer.concat([tarHeader(name, bytes.length, 0o644), bytes, padding, Buffer.alloc(1024)]),
          );
          expect(fileFromTarball(tarball, name)).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  it('refuses a name that has no room', () => {
    expect(() => tarHeader('x'.repeat(101), 1, 0o644)).toThrow(RangeError);
  });
});
