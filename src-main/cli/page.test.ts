import { expect, it } from 'vitest';
import type { agentContract } from '#shared/contract/agent.ts';
import type { OutputOf } from '#shared/rpc/contract.ts';
import { fakeTerminal, hypha, serveDouble } from './testing/harness.ts';

const page = { status: 200, statusText: 'OK', headers: [], text: null, body: null, more: false };

async function serve(answer: Partial<OutputOf<(typeof agentContract)['mesh.fetch']>>): Promise<void> {
  await serveDouble({ 'mesh.fetch': () => ({ ...page, ...answer }) });
}

it('prints a page as it is, for a file or another program', async () => {
  await serve({ text: 'two\nlines\u001b[2J without an end' });
  expect(await hypha('mesh fetch ann/page')).toMatchObject({
    code: 0,
    out: 'two\nlines\u001b[2J without an end',
    err: '',
  });
  expect(JSON.parse((await hypha('mesh fetch ann/page --json')).out)).toMatchObject({ status: 200, more: false });
});

it('shows a page on a terminal, and nothing that a terminal would obey', async () => {
  await serve({ text: 'two\nlines\u001b[2J' });
  expect((await hypha('mesh fetch ann/page', fakeTerminal([]))).out).toBe('two\nlines\ufffd[2J\n');
});

it('gives bytes to a file, and not to a terminal', async () => {
  const body = Uint8Array.of(0, 255, 27);
  await serve({ body });
  const file = fakeTerminal();
  expect(await hypha('mesh fetch ann/picture', file)).toMatchObject({ code: 0, err: '' });
  expect(file.seen.out).toEqual([body]);
  const shown = await hypha('mesh fetch ann/picture', fakeTerminal([]));
  expect(shown).toMatchObject({ code: 0, out: '', err: expect.stringContaining('3 bytes long') });
});

it('says on stderr that a page is elsewhere, is missing or goes on', async () => {
  await serve({
    status: 302,
    statusText: 'Found',
    headers: [{ name: 'location', value: 'http://b/\u001b' }],
    text: '',
  });
  expect(await hypha('mesh fetch ann/moved')).toMatchObject({
    code: 0,
    out: '',
    err: 'hypha: 302 Found: http://b/\ufffd\n',
  });
});

it('ends with a code of its own where the page goes on', async () => {
  await serve({ text: 'the begin', more: true });
  const answer = await hypha('mesh fetch ann/long --max-bytes 9');
  expect(answer).toMatchObject({ code: 7, out: 'the begin', err: expect.stringContaining('--max-bytes') });
});

it('prints what the server says of a page where that was asked for', async () => {
  await serve({ headers: [{ name: 'content-type', value: 'text/plain' }], text: '' });
  expect((await hypha('mesh fetch ann/page --head')).out).toBe('200 OK\ncontent-type: text/plain\n');
});
