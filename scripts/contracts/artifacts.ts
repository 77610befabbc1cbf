import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Compiled } from './sources.ts';

const folder = (root: string) => path.join(root, 'src-main', 'core', 'evm', 'contracts');

/** What the ledger is built with: one module for each contract, by the name of its file. */
export function artifacts(compiled: ReadonlyMap<string, Compiled>): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, { abi, bytecode, deployed }] of compiled) {
    const variable = name.charAt(0).toLowerCase() + name.slice(1);
    const lines = [
      `// Made from contracts/src/${name}.sol by \`npm run build:contracts\`. A test compares the two.`,
      `export const ${variable} = {`,
      `  name: '${name}',`,
      `  abi: ${JSON.stringify(abi)},`,
      `  bytecode: '${bytecode}',`,
      `  deployed: '${deployed}',`,
      '} as const;',
      '',
    ];
    files.set(`${name.toLowerCase()}.generated.ts`, lines.join('\n'));
  }
  return files;
}

/** What is committed, as {@link artifacts} gives it. */
export function committedArtifacts(root: string): Map<string, string> {
  const names = readdirSync(folder(root)).filter((name) => name.endsWith('.generated.ts'));
  return new Map(names.map((name) => [name, readFileSync(path.join(folder(root), name), 'utf8')]));
}

/** Write {@link artifacts} over what is committed. */
export function writeArtifacts(root: string, made: ReadonlyMap<string, string>): void {
  mkdirSync(folder(root), { recursive: true });
  for (const name of committedArtifacts(root).keys()) if (!made.has(name)) rmSync(path.join(folder(root), name));
  for (const [name, text] of made) writeFileSync(path.join(folder(root), name), text);
}
