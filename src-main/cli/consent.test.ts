import { expect, it, vi } from 'vitest';
import type { ConsentRequest } from '#shared/contract/activity.ts';
import type { LocalConnection } from '../local/local-client.ts';
import { answerAtTerminal, questionText } from './consent.ts';
import { fakeTerminal } from './testing/harness.ts';
import { widthOf } from './text.ts';

const request = (value: string): ConsentRequest => ({
  id: 'q',
  caller: { face: 'cli', name: 'Script' },
  mine: true,
  method: 'machines.deploy',
  effect: 'deploy',
  summary: 'Deploy the machine web',
  arguments: [
    { name: 'name', value: 'web' },
    { name: 'userData', value },
  ],
  undo: 'Can be undone in Activity.',
  askedAt: 0,
  expiresAt: 1,
});

/** A connection that lists these, and what it was told to answer. */
function connection(requests: ConsentRequest[]) {
  const answered: unknown[] = [];
  const client = {
    'consent.pending': async () => ({ requests }),
    'consent.answer': async (answer: unknown) => void answered.push(answer),
    'system.events': async function* () {},
  };
  return { connection: { client } as unknown as LocalConnection, answered };
}

it('asks at the terminal only what came over its own connection, whatever name others take', async () => {
  const own = { ...request(''), id: 'own', mine: true };
  // Another program, under the same name, calls the same method in the same moment.
  const other = { ...request(''), id: 'other', mine: false, summary: 'Let everybody in' };
  const asks = connection([other, own]);
  const answers = connection([{ ...own, mine: false }, other]);
  const { terminal, seen } = fakeTerminal(['y', 'y']);
  const { stop } = answerAtTerminal(terminal, asks.connection, answers.connection);
  await vi.waitFor(() => expect(answers.answered).toEqual([{ request: 'own', allow: true }]));
  stop();
  expect(seen.questions).toEqual(['Allow it? [y/N] ']);
  expect(seen.err).not.toContain('Let everybody in');
});

it('shows a script line by line, each marked as part of the value', () => {
  expect(questionText(request('#!/bin/sh\n\techo\x1b[2J hi\nUndo: all of it'), 80)).toBe(
    [
      '',
      'Deploy the machine web',
      '  name: web',
      '  userData: ',
      '    | #!/bin/sh',
      '    |     echo\ufffd[2J hi',
      '    | Undo: all of it',
      'Undo: Can be undone in Activity.',
      '',
    ].join('\n'),
  );
});

it('lets no value wrap round to what looks like a line of ours', () => {
  const lines = questionText(request(`x${' '.repeat(67)}Undo: all of it${'漢'.repeat(40)}`), 40).split('\n');
  expect(lines.filter((line) => line.startsWith('Undo:'))).toEqual(['Undo: Can be undone in Activity.']);
  for (const line of lines.slice(3, -2)) {
    expect(line === '  userData: ' || line.startsWith('    | ')).toBe(true);
    expect(widthOf(line)).toBeLessThan(40);
  }
});
