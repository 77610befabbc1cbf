import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { publisher } from './stage.ts';

it('names who answers for a package only where somebody does', async () => {
  expect(publisher('Us', {})).toEqual({});
  expect(publisher('Us', { HYPHA_PUBLISHER_EMAIL: 'a@b.org', HYPHA_PUBLISHER_HOMEPAGE: 'https://b.org' })).toEqual({
    author: { name: 'Us', email: 'a@b.org' },
    homepage: 'https://b.org',
  });
  // Addresses of no one (RFC 2606) are worse than none.
  expect(await readFile('package.json', 'utf8')).not.toMatch(/\.(example|invalid|test)\b/);
});
