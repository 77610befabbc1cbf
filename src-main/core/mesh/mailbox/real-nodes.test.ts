import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/ids.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import { until } from '../testing/test-node.ts';
import { type MailboxNode, startMailboxNode } from './testing/mailbox-node.ts';

let directory = '';
const running = new Set<MailboxNode>();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-mailbox-'));
});
afterEach(async () => {
  await Promise.all([...running].map((one) => one.stop()));
  running.clear();
  await rm(directory, { recursive: true, force: true });
});

const start = async (options: Parameters<typeof startMailboxNode>[0] = {}): Promise<MailboxNode> => {
  const made = await startMailboxNode(options);
  running.add(made);
  return made;
};
const end = async (node: MailboxNode): Promise<void> => {
  running.delete(node);
  await node.stop();
};
const dial = (from: MailboxNode, to: MailboxNode): boolean =>
  from.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: to.port });
const state = (node: MailboxNode, id: string): string | undefined => node.mailbox.status(id)?.state;

describe('mailboxes on real nodes', () => {
  it('ask and answer over a node between them', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    dial(a, b);
    dial(c, b);
    const id = a.mailbox.send({ destination: c.node.self.publicKey, topic: utf8('q'), data: utf8('?'.repeat(5000)) });
    const question = await c.mailbox.pop({ topic: utf8('q') }, { timeout: 60_000 });
    expect(question?.key).toEqual(a.node.self.publicKey);
    c.mailbox.send({ destination: question?.source ?? new Uint8Array(16), data: utf8('!'), replyTo: id });
    expect((await a.mailbox.pop({ answerTo: id }, { timeout: 60_000 }))?.data).toEqual(utf8('!'));
    await until(() => state(a, id) === 'read');
  });

  it('keep what one sent while the other was off, and both were started anew', async () => {
    const paths = { a: join(directory, 'a.db'), b: join(directory, 'b.db') };
    const [a, b] = [await start({ path: paths.a }), await start({ path: paths.b })];
    const { address } = b.node.self;
    await end(b);
    const id = a.mailbox.send({ destination: address, data: utf8('later') });
    await end(a);
    const [again, back] = [
      await start({ path: paths.a, secret: a.secret }),
      await start({ path: paths.b, secret: b.secret }),
    ];
    dial(again, back);
    const message = await back.mailbox.pop({}, { timeout: 60_000 });
    expect(message).toMatchObject({ id, key: again.node.self.publicKey, data: utf8('later') });
    await until(() => state(again, id) === 'read');
  });

  it('keep a message once when the receiver is killed after it was kept and before it said so', async () => {
    const path = join(directory, 'b.db');
    const a = await start();
    const secret = systemRandom(32);
    const there = createNodeIdentity(secret, systemRandom).address;
    const id = a.mailbox.send({ destination: there, data: utf8('once') });
    const script = fileURLToPath(new URL('./testing/killed-receiver.ts', import.meta.url));
    const child = spawn(process.execPath, [script, path, toHex(secret), `${a.port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<NodeJS.Signals | null>((done) => child.once('exit', (_, signal) => done(signal)));
    child.stdout.once('data', () => a.mailbox.reachable(there));
    expect(await ended).toBe('SIGKILL');
    expect(state(a, id)).toBe('waiting');
    const back = await start({ path, secret });
    expect(back.mailbox.list({}, 10)).toMatchObject([{ id, key: a.node.self.publicKey }]);
    dial(back, a);
    await until(() => a.node.router.routesTo(back.node.self.subnet)?.selected != null);
    a.mailbox.reachable(there);
    await until(() => state(a, id) === 'received');
    expect(back.mailbox.list({}, 10).length).toBe(1);
  });
});
