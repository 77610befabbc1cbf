import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultDeps } from '../../ports.ts';
import { type Bench, openBench, testContext } from '../../testing/harness.ts';

export interface SearchBench {
  readonly bench: Bench;
  /** Put files of this computer into the root of the vault. */
  store(files: Readonly<Record<string, string | Uint8Array>>): Promise<readonly string[]>;
  ask(query: string, more?: { typing?: boolean; offset?: number; limit?: number }): ReturnType<SearchHandler>;
  /** Names of what is found, best first. */
  names(query: string): Promise<string[]>;
  idOf(name: string): Promise<string>;
  close(): Promise<void>;
}
type SearchHandler = Bench['vault']['handlers']['vault.search'] extends (...args: never[]) => infer R
  ? () => Promise<Awaited<R>>
  : never;

/** A vault whose search index goes at full pace. */
export async function openSearchBench(extra: Partial<VaultDeps> = {}): Promise<SearchBench> {
  const source = await mkdtemp(join(tmpdir(), 'hypha-search-'));
  const bench = await openBench({ search: { pace: { quietMs: 0, rest: 0 } }, ...extra });
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  const ask: SearchBench['ask'] = async (query, more = {}) =>
    await bench.vault.handlers['vault.search']({ query, limit: 100, offset: 0, typing: false, ...more }, testContext());
  return {
    bench,
    ask,
    async store(files) {
      const paths: string[] = [];
      for (const [name, content] of Object.entries(files)) {
        const path = join(source, name);
        await writeFile(path, content);
        paths.push(path);
      }
      const { items } = await bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());
      return items;
    },
    names: async (query) => (await ask(query)).items.map(({ name }) => name),
    async idOf(name) {
      const { items } = await ask(`name:"${name}"`);
      return items.find((item) => item.name === name)?.id ?? '';
    },
    async close() {
      await bench.close();
      await rm(source, { recursive: true, force: true });
    },
  };
}
