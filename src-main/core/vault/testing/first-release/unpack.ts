import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const fixtureSchema = z.object({
  root: z.string(),
  expected: z.record(z.string(), z.string()),
  binned: z.array(z.string()),
  files: z.record(z.string(), z.base64()),
});

/** Puts the data directory of the first release (README.md) into an empty one. */
export function unpackFirstRelease(home: string) {
  const packed = readFileSync(new URL('./vault.json.gz', import.meta.url));
  const { root, expected, binned, files } = fixtureSchema.parse(JSON.parse(gunzipSync(packed).toString()));
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.from(bytes, 'base64'));
  }
  return { root: new Uint8Array(Buffer.from(root, 'hex')), expected: new Map(Object.entries(expected)), binned };
}
