import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncFiles } from './sync-files.ts';

describe('files just written', () => {
  let directory: string;
  let files: string[];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), '-hypha sync-'));
    files = Array.from({ length: 40 }, (_, i) => join(directory, `f${i}`));
    for (const file of files) await writeFile(file, file);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.skipIf(process.platform !== 'linux')('are synced by one call for their file system', async () => {
    // A stand-in that notes what it is asked for and passes it on.
    const program = join(directory, 'program');
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > "${directory}/asked"\nexec sync "$@"\n`);
    await chmod(program, 0o755);
    await syncFiles(directory, files, program);
    expect(await readFile(join(directory, 'asked'), 'utf8')).toBe(`-f\n--\n${directory}\n`);
  });

  it('are synced one by one where there is no such program', async () => {
    await syncFiles(directory, files, join(directory, 'no such program'));
  });

  it('that are gone are told, not taken for durable', async () => {
    const gone = [...files, join(directory, 'gone')];
    await expect(syncFiles(directory, gone, join(directory, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
