import type { Handlers } from '#core/broker/handlers.ts';
import type { SearchIndex, vaultContract } from '#shared/contract/vault.ts';
import type { Core } from '../core.ts';
import type { Search } from '../search/search.ts';
import { type Describer, pathOf } from './describe.ts';
import { listable } from './listable.ts';

export function searchHandlers(
  core: Core,
  describe: Describer,
  search: Search,
): Pick<Handlers<typeof vaultContract>, 'vault.search'> {
  return {
    async 'vault.search'(input) {
      const session = await listable(core);
      if (!session) return { items: [], more: false, total: 0, index: indexStatus(search) };
      const { hits, total, missing } = await search.find(session, input);
      return {
        items: hits.map(({ node, score, where, nameMarks, snippet }) => ({
          ...describe.item(session, node),
          path: pathOf(session, node),
          match: {
            where,
            // More digits would say no more.
            score: Math.round(score * 100) / 100,
            marks: nameMarks.map(([start, end]): [number, number] => [start, end]),
            ...(snippet
              ? { snippet: { text: snippet.text, marks: snippet.marks.map(([s, e]): [number, number] => [s, e]) } }
              : {}),
          },
        })),
        more: input.offset + hits.length < total,
        total,
        ...(missing.length > 0 ? { missing: [...missing] } : {}),
        index: indexStatus(search),
      };
    },
  };
}

export function indexStatus(search: Pick<Search, 'status'>): SearchIndex {
  return { ...search.status() };
}
