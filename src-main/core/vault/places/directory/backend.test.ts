import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityFile } from '../../format/place-identity.ts';
import { backendConformance } from '../backend-conformance.ts';
import { createDirectoryBackend } from './backend.ts';

backendConformance('directory', {
  async prepare() {
    const path = await mkdtemp(join(tmpdir(), 'hypha-place-'));
    return {
      open: () => createDirectoryBackend(path),
      litter: () => writeFile(join(path, 'letter.txt'), 'not ours'),
      scrawl: (bytes) => writeFile(join(path, identityFile), bytes),
      end: () => rm(path, { recursive: true, force: true }),
    };
  },
});
