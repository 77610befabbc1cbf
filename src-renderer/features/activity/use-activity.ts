import { useInfiniteQuery } from '@tanstack/react-query';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { toFailure } from '../../lib/failure.ts';

export interface ActivityFilter {
  effect: ActivityEntry['effect'] | 'all';
  query: string;
  /**
   * Whether an entry has the query in the words it is shown in. Null where the agent itself can tell, because those are
   * its own words.
   */
  fits: ((entry: ActivityEntry) => boolean) | null;
}

const pageSize = 100;
/** How many entries are asked for at a time where most of them are passed over. */
const searchSize = 500;

interface Found {
  entries: ActivityEntry[];
  more: boolean;
  /** The last entry looked at. */
  last: number | undefined;
}

/** The log from the latest entry back, a hundred at a time. */
export function useActivity({ effect, query, fits }: ActivityFilter) {
  const { link } = useAgent();
  return useInfiniteQuery<Found, Failure, ActivityEntry[], readonly unknown[], number | undefined>({
    // The key begins as other agent queries do, so that the event of a new entry refreshes it too.
    queryKey: ['agent', 'activity.list', { effect, query, paged: true, here: fits !== null }],
    initialPageParam: undefined,
    queryFn: async ({ pageParam, signal }) => {
      const list = link.connection().client['activity.list'];
      const here = query === '' ? null : fits;
      const found: Found = { entries: [], more: true, last: pageParam };
      try {
        while (found.more && found.entries.length < pageSize) {
          const { entries, more } = await list(
            {
              limit: here ? searchSize : pageSize,
              ...(found.last === undefined ? {} : { before: found.last }),
              ...(effect === 'all' ? {} : { effect }),
              ...(query === '' || here ? {} : { query }),
            },
            { signal },
          );
          found.entries.push(...(here ? entries.filter(here) : entries));
          found.more = more;
          found.last = entries.at(-1)?.seq ?? found.last;
        }
        return found;
      } catch (error) {
        throw toFailure(error);
      }
    },
    getNextPageParam: ({ more, last }) => (more ? last : undefined),
    select: (data) => data.pages.flatMap((page) => page.entries),
    placeholderData: (previous) => previous,
  });
}
