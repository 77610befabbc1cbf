import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { cycles, type Source, wrongArrows } from './check/arrows.ts';
import { importsOf } from './check/imports.ts';

/** Fails when an import points the wrong way (architecture, section 3) or files import each other in a ring. */
const roots = ['src-shared', 'src-main', 'src-renderer'];

const sources: Source[] = [];
for (const root of roots) {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    sources.push({ file: file.split(path.sep).join('/'), imports: importsOf(await readFile(file, 'utf8')) });
  }
}
const wrong = wrongArrows(sources);
for (const one of wrong) console.error(`${one.file} imports ${one.target}: ${one.rule}`);
const rings = cycles(sources);
for (const ring of rings) console.error(`files import each other: ${[...ring, ring[0]].join(' -> ')}`);
console.log(`arrows: ${sources.length} files, ${wrong.length} wrong imports, ${rings.length} cycles`);
process.exitCode = wrong.length + rings.length === 0 ? 0 : 1;
