import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { Failure } from '#shared/rpc/fail.ts';
import type { In, Out } from '../../../lib/agent/hooks.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { ask, queryKey } from '../../../lib/agent/query.ts';
import { toFailure } from '../../../lib/failure.ts';
import type { Row, Rows } from './rows.ts';

type Page = Out<'vault.list'>;
export type Folder = NonNullable<In<'vault.list'>['folder']>;
export interface ListSort {
  readonly key: 'name' | 'size' | 'modified';
  readonly descending: boolean;
}

/** Rows asked for at once: more than three screens, small enough to arrive within a frame or two. */
const pageRows = 500;

export interface Listing {
  readonly rows: Rows;
  readonly path: Page['path'];
  readonly pending: boolean;
  readonly failure: Failure | null;
  retry(): void;
}

/**
 * A folder of any length. Only pages in sight (and the first, for count and path) are followed by events; others stay
 * in the cache until they are looked at again.
 */
export function useListing(folder: Folder, sort: ListSort): Listing {
  const { link, offline, queries: cache } = useAgent();
  const [sight, setSight] = useState({ first: 0, last: 0 });
  const inputOf = useCallback(
    (page: number): In<'vault.list'> => ({
      folder,
      sort: sort.key,
      descending: sort.descending,
      offset: page * pageRows,
      limit: pageRows,
    }),
    [folder, sort.key, sort.descending],
  );
  const optionsOf = useCallback(
    (page: number) => ({
      queryKey: queryKey('vault.list', inputOf(page)),
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Page> => {
        try {
          return (await ask(link, offline, 'vault.list', inputOf(page), signal)) as Page;
        } catch (error) {
          throw toFailure(error);
        }
      },
    }),
    [link, offline, inputOf],
  );
  const wanted = new Set([0]);
  for (let p = Math.floor(sight.first / pageRows); p <= Math.floor(sight.last / pageRows); p += 1) wanted.add(p);
  const answers = useQueries({ queries: [...wanted].map(optionsOf) });
  const head = answers[0];
  const versions = answers.map((a) => a.dataUpdatedAt).join();
  const count = head?.data?.total ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `versions` stands for the cached pages
  const rows = useMemo<Rows>(() => {
    // Looking a page up hashes its key; going through 100,000 rows must not do that for each.
    const pages = new Map<number, Page>();
    const pageAt = (page: number): Page | undefined => {
      const known = pages.get(page) ?? cache.getQueryData<Page>(queryKey('vault.list', inputOf(page)));
      if (known) pages.set(page, known);
      return known;
    };
    const at = (index: number): Row | null => pageAt(Math.floor(index / pageRows))?.items[index % pageRows] ?? null;
    return {
      count,
      at,
      show: (first, last) =>
        setSight((old) => {
          const same = (a: number, b: number) => Math.floor(a / pageRows) === Math.floor(b / pageRows);
          return same(old.first, first) && same(old.last, last) ? old : { first, last };
        }),
      async all() {
        const every: Row[] = [];
        for (let page = 0; page * pageRows < count; page += 1) {
          every.push(...(await cache.ensureQueryData(optionsOf(page))).items);
        }
        return every;
      },
    };
  }, [cache, inputOf, optionsOf, count, versions]);

  return {
    rows,
    path: head?.data?.path ?? [],
    pending: head?.isPending ?? true,
    failure: (head?.error as Failure | null | undefined) ?? null,
    retry: () => void head?.refetch(),
  };
}

/** A list that is all there, as rows. */
export function useFixedRows(items: readonly Row[]): Rows {
  return useMemo(
    () => ({ count: items.length, at: (i) => items[i] ?? null, show: () => {}, all: async () => items }),
    [items],
  );
}
