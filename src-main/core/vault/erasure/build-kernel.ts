// Compiles assets/vault-kernel/kernel.ts (AssemblyScript) and writes kernel-bytes.ts beside this file, which is
// committed so that running Hypha needs no build step. Run it after a change to the kernel: `node <this file>`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../../../../assets/vault-kernel/kernel.ts', import.meta.url));
const target = fileURLToPath(new URL('./kernel-bytes.ts', import.meta.url));

/** The compiled module's bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'hypha-kernel-'));
  try {
    const out = join(directory, 'kernel.wasm');
    const { error, stderr } = await asc.main([
      source,
      '--outFile',
      out,
      '--optimizeLevel',
      '3',
      '--shrinkLevel',
      '0',
      '--converge',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--enable',
      'threads',
      '--enable',
      'relaxed-simd',
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return new Uint8Array(readFileSync(out));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What kernel-bytes.ts must hold for these bytes. */
export function kernelSource(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '// Made by build-kernel.ts from assets/vault-kernel/kernel.ts; do not edit. kernel.test.ts checks that it is current.',
    'export const kernelBase64 = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await compileKernel();
  writeFileSync(target, kernelSource(bytes));
  console.log(`kernel-bytes.ts: ${bytes.length} bytes of WebAssembly`);
}
