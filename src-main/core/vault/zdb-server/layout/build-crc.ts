// Compiles assets/zdb-crc/crc.ts (AssemblyScript) and writes crc-bytes.ts beside this file, which is committed so that
// running Hypha needs no build step. Run it after a change: `node <this file>`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../../../../../assets/zdb-crc/crc.ts', import.meta.url));
const target = fileURLToPath(new URL('./crc-bytes.ts', import.meta.url));

/** What crc-bytes.ts must hold. */
export async function crcSource(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hypha-crc-'));
  try {
    const out = join(directory, 'crc.wasm');
    const level = ['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert', '--runtime', 'stub'];
    // The caller's bytes are from 64 KiB on, 128 KiB of them: three pages.
    const memory = ['--memoryBase', '65536', '--initialMemory', '3', '--maximumMemory', '3', '--enable', 'simd'];
    const { error, stderr } = await asc.main([source, '--outFile', out, ...level, ...memory]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    const lines =
      readFileSync(out)
        .toString('base64')
        .match(/.{1,100}/g) ?? [];
    return [
      '// Made by build-crc.ts from assets/zdb-crc/crc.ts; do not edit. layout.test.ts checks that it is current.',
      'export const crcBase64 = [',
      ...lines.map((line) => `  '${line}',`),
      "].join('');",
      '',
    ].join('\n');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, await crcSource());
  console.log('crc-bytes.ts is written');
}
