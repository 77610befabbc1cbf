import { expect, it } from 'vitest';
import type { ConsentRequest } from '#shared/contract/activity.ts';
import { questionText } from './consent.ts';
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
