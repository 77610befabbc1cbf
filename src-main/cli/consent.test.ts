import { expect, it } from 'vitest';
import type { ConsentRequest } from '#shared/contract/activity.ts';
import { questionsOf, questionText } from './consent.ts';
import { widthOf } from './text.ts';

const request = (value: string): ConsentRequest => ({
  id: 'q',
  caller: { face: 'cli', name: 'Script' },
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

it('takes for its own only what this very call asks, whatever else has waited longer or asks beside it', () => {
  const asked = (id: string, name: string, method: string, face: 'cli' | 'mcp' = 'cli'): ConsentRequest => ({
    ...request(''),
    id,
    caller: { face, name },
    method,
  });
  const me = 'Terminal (process 1)';
  const all = [
    asked('own', me, 'mesh.expose'),
    asked('earlier', me, 'mesh.expose'),
    asked('process', 'Terminal (process 12)', 'mesh.expose'),
    asked('face', me, 'mesh.expose', 'mcp'),
  ];
  const ids = (method: string) => all.filter(questionsOf(me, method, all.slice(1, 2))).map(({ id }) => id);
  expect(ids('mesh.expose')).toEqual(['own']);
  expect(ids('activity.undo')).toEqual(['own']);
  expect(ids('mesh.setTopic')).toEqual([]);
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
