import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('is loaded by Node itself too, which sees no names in the SSH library, as it is where the sources run unbundled', async () => {
  const backend = new URL('./backend.ts', import.meta.url).href;
  const code = `const { createSftpBackend } = await import(${JSON.stringify(backend)}); console.log(typeof createSftpBackend);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  expect(stdout.trim()).toBe('function');
});
