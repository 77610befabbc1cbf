import { fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { renderWith } from '../../testing/render.tsx';
import { entry } from '../../testing/samples.ts';
import { type ActivityFilter, useActivity } from './use-activity.ts';

const log = Array.from({ length: 1300 }, (_, i) => {
  const seq = 1300 - i;
  return entry({ seq, method: 'vault.makeFolder', effect: 'write', summary: `Make the folder "${seq}"` });
});
const asked: { limit?: number | undefined; query?: string | undefined }[] = [];
const agent = () =>
  createFakeAgent({
    'activity.list': ({ limit, before, query }) => {
      asked.push({ limit, query });
      const rest = log.filter((e) => e.seq < (before ?? 1e9) && e.summary.includes(query ?? ''));
      return { entries: rest.slice(0, limit), more: rest.length > limit };
    },
  });

function Found(filter: ActivityFilter) {
  const { data, hasNextPage, fetchNextPage } = useActivity(filter);
  return (
    <button type="button" onClick={() => void fetchNextPage()}>
      {`${data?.length ?? '?'} ${hasNextPage}`}
    </button>
  );
}

describe('searching the log', () => {
  let end = () => {};
  afterEach(() => {
    end();
    asked.length = 0;
  });

  it('is left to the agent where its words are shown', async () => {
    end = renderWith(agent(), <Found effect="all" query="folder" fits={null} />).end;
    fireEvent.click(await screen.findByText('100 true'));
    await screen.findByText('200 true');
    expect(asked[0]).toEqual({ limit: 100, query: 'folder' });
  });

  it('looks at what is shown in another language, through the whole log', async () => {
    // As "Ordner anlegen" would in German: no word of it is in the agent's own sentence.
    end = renderWith(agent(), <Found effect="all" query="Ordner" fits={({ seq }) => seq % 13 === 0} />).end;
    await screen.findByText('100 false');
    expect(asked.every(({ query }) => query === undefined)).toBe(true);
  });
});
