import { expect, it } from 'vitest';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import type { AgentLink } from './link.ts';
import { findUndo } from './undo.ts';

/** A link to an agent whose log has these entries, newest first. */
function linkTo(entries: readonly Pick<ActivityEntry, 'seq' | 'at' | 'summary'>[]): AgentLink {
  const whole = entries.map((entry) => ({
    ...entry,
    method: 'machines.pause',
    caller: { face: 'ui', name: 'Browser' },
    outcome: 'done',
    undo: { possible: true, reason: '' },
  }));
  const client = { 'activity.list': async () => ({ entries: whole, more: false }) };
  return { connection: () => ({ client }) } as unknown as AgentLink;
}

const find = (entries: Parameters<typeof linkTo>[0]) =>
  findUndo(linkTo(entries), 'machines.pause', { machine: 'm-1' }, 1_000);
const named = 'Pause the machine “web”';

it('finds the entry that says what was asked, and where the core says a name for an id the one written since', async () => {
  expect(await find([{ seq: 3, at: 2_000, summary: 'Pause the machine m-1' }])).toBe(3);
  expect(await find([{ seq: 3, at: 2_000, summary: named }])).toBe(3);
  // An older one is another call's, and of two nobody could tell.
  expect(await find([{ seq: 3, at: 999, summary: named }])).toBeNull();
  const two = [
    { seq: 4, at: 2_001, summary: named },
    { seq: 3, at: 2_000, summary: named },
  ];
  expect(await find(two)).toBeNull();
});
