import { useInfiniteQuery } from '@tanstack/react-query';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { toFailure } from '../../lib/failure.ts';

export interface ActivityFilter {
  effect: ActivityEntry['effect'] | 'all';
  query: string;
}

const pageSize = 100;

/** The log from the latest entry back, a hundred at a time. */
export function useActivity({ effect, query }: ActivityFilter) {
  const { link } = useAgent();
  return useInfiniteQuery<
    { entries: ActivityEntry[]; more: boolean },
    Failure,
    ActivityEntry[],
    readonly unknown[],
    number | undefined
  >({
    // The key begins as other agent queries do, so that the event of a new entry refreshes it too.
    queryKey: ['agent', 'activity.list', { effect, query, paged: true }],
    initialPageParam: undefined,
    queryFn: async ({ pageParam, signal }) => {
      try {
        return await link.connection().client['activity.list'](
          {
            limit: pageSize,
            ...(pageParam === undefined ? {} : { before: pageParam }),
            ...(effect === 'all' ? {} : { effect }),
            ...(query === '' ? {} : { query }),
          },
          { signal },
        );
      } catch (error) {
        throw toFailure(error);
      }
    },
    getNextPageParam: (last) => (last.more ? last.entries.at(-1)?.seq : undefined),
    select: (data) => data.pages.flatMap((page) => page.entries),
    placeholderData: (previous) => previous,
  });
}
