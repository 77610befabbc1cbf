import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { build } from 'vite';
import { expect, it } from 'vitest';
import { configOf } from './targets.ts';

it('bundles the SSH library so that it runs alone, without its compiled parts', async () => {
  const root = process.cwd();
  const folder = await mkdtemp(path.join(tmpdir(), 'hypha-bundle-'));
  try {
    const entry = path.join(folder, 'entry.mjs');
    const library = JSON.stringify(path.join(root, 'node_modules/ssh2/lib/index.js'));
    await writeFile(
      entry,
      `import ssh2 from ${library};\nlet key; do key = ssh2.utils.generateKeyPairSync('ed25519').private; while (ssh2.utils.parseKey(key) instanceof Error);\n` +
        "await new Promise((done) => { const server = new ssh2.Server({ hostKeys: [key] }, (one) => one.on('error', () => {})); server.listen(0, '127.0.0.1', () => {\n" +
        "  const client = new ssh2.Client(); client.on('error', () => {}); client.on('handshake', ({ cs }) => { console.log(cs.cipher); client.destroy(); server.close(done); });\n" +
        "  client.connect({ host: '127.0.0.1', port: server.address().port, username: 'x', password: 'x' }); }); });\n",
    );
    const out = path.join(folder, 'out');
    const config = configOf(root, { folder: 'unused', entries: { bundle: path.relative(root, entry) }, format: 'es' });
    await build({ ...config, build: { ...config.build, outDir: out } });
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(out, 'bundle.js')], { cwd: folder });
    expect(stdout.trim()).toMatch(/^aes/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
