import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import type { Caller } from './broker/handlers.ts';
import { type NewAgent, person, startNewAgent } from './testing/new-agent.ts';

const program: Caller = { connection: 'program', face: 'mcp', name: 'A program', person: false };
const script: Caller = { connection: 'script', face: 'cli', name: 'A script', person: false };

let started: NewAgent;
/** Answers are taken for what the contract says they are. */
const call = async (...args: Parameters<NewAgent['call']>) => (await started.call(...args)) as Record<string, never>;

beforeAll(async () => {
  started = await startNewAgent();
}, 60_000);
afterAll(() => started.stop());

interface Entry {
  readonly seq: number;
  readonly method: string;
}
const entries = async (): Promise<Entry[]> => (await call('activity.list', {})).entries as unknown as Entry[];

/** The log takes nothing more, as on a full disk, until the returned function is called. */
function fullLog(): () => void {
  const db = new DatabaseSync(join(started.home, 'agent.db'));
  db.exec(`CREATE TRIGGER full_log BEFORE INSERT ON journal BEGIN SELECT RAISE(FAIL, 'full'); END`);
  return () => {
    db.exec('DROP TRIGGER full_log');
    db.close();
  };
}

const alone = { publicPeers: false, discovery: false, listen: false } as const;

describe('the mesh of an agent, through its broker', () => {
  it('sends an answer to whoever asked and to nobody else, so that a question names them', async () => {
    const { address } = await call('mesh.status', {});
    await call('mesh.join', alone);
    await call('mesh.send', { to: address, text: 'a question' });
    const { messages } = await call('mesh.messages', { box: 'in' });
    const [{ id: replyTo } = { id: '' }] = messages as unknown as { id: string }[];
    const elsewhere = call('mesh.send', { to: '4a2::1', text: 'the secret', replyTo }, program);
    await expect(elsewhere).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(`${address}`),
    });
    expect((await call('consent.pending', {})).requests).toEqual([]);
    const { message } = await call('mesh.send', { to: address, text: 'an answer', replyTo });
    expect(message).toMatchObject({ address, text: 'an answer' });
    await call('mesh.leave', {});
  });

  it('is left, and its peers and services taken away, also when the log cannot say so', async () => {
    await call('mesh.join', alone);
    const endpoint = 'tcp://127.0.0.1:1';
    await call('mesh.addPeer', { endpoint });
    const forwarded = await call('mesh.forward', { target: '4a2::1', port: 22 });
    const offered = await call('mesh.expose', { localPort: 8080, allow: ['4a2::1'] });
    const [forward, exposure] = [forwarded, offered].map((made) => Object.values(made)[0] as unknown as { id: string });
    const free = fullLog();
    try {
      // What gives somebody more waits until it can be written down.
      for (const [method, input] of [
        ['mesh.addPeer', { endpoint: 'tcp://127.0.0.1:2' }],
        ['mesh.forward', { target: '4a2::1', port: 23 }],
        ['mesh.configure', { listen: true }],
      ] as const) {
        await expect(call(method, input), method).rejects.toMatchObject({ code: 'INTERNAL' });
      }
      await call('mesh.removePeer', { endpoint });
      await call('mesh.unforward', { forward: forward?.id });
      await call('mesh.unexpose', { exposure: exposure?.id });
      expect(await call('mesh.leave', {})).toMatchObject({ state: 'off', peers: { known: 0 } });
    } finally {
      free();
    }
    expect(await call('mesh.forwards', {})).toEqual({ forwards: [] });
    expect(await call('mesh.exposures', {})).toEqual({ exposures: [] });
    // The next thing that is written brings what was missing with it.
    await call('identity.rename', { name: 'Anna' });
    const done = (await entries()).map(({ method }) => method);
    expect(done).toEqual(
      expect.arrayContaining(['mesh.removePeer', 'mesh.unforward', 'mesh.unexpose', 'mesh.leave', 'identity.rename']),
    );
  });

  it('takes nothing away unasked because of that: who had to ask a person has to', async () => {
    await call('mesh.join', alone);
    const asked = new AbortController();
    const leaving = started.agent.dispatcher.invoke(program, 'mesh.leave', {}, asked.signal);
    await expect.poll(async () => (await call('consent.pending', {})).requests).toHaveLength(1);
    asked.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await call('mesh.status', {})).toMatchObject({ settings: { joined: true } });
  });

  it('is as it was before when joining is undone in the log', async () => {
    await call('mesh.configure', { joined: false, publicPeers: true, discovery: true, listen: true, port: 9651 });
    const { settings: before } = await call('mesh.status', {});
    await call('mesh.join', { ...alone, port: 4321 });
    const joined = (await entries()).find(({ method }) => method === 'mesh.join');
    await call('activity.undo', { seq: joined?.seq });
    expect((await call('mesh.status', {})).settings).toEqual(before);
  });

  it('lets nobody use the topics of Hypha’s own, and asks nobody whether they may', async () => {
    const topic = 'hypha/card';
    const said = { code: 'BAD_INPUT', message: expect.stringContaining('Hypha’s own') };
    for (const who of [person, script, program]) {
      for (const [method, input] of [
        ['mesh.send', { to: '4a2::1', text: 'x', topic }],
        ['mesh.setTopic', { topic, allow: ['everybody'] }],
        ['mesh.messages', { topic }],
        ['mesh.setHttpApi', { on: true, topics: ['news', topic] }],
      ] as const) {
        // What only a person may do is refused to others before anything else.
        const withheld = who.face === 'mcp' && method === 'mesh.setHttpApi';
        await expect(call(method, input, who), method).rejects.toMatchObject(withheld ? { code: 'FORBIDDEN' } : said);
      }
    }
    expect(await call('consent.pending', {})).toEqual({ requests: [] });
    expect(await call('mesh.topics', {})).toMatchObject({ topics: [] });
    expect(await call('mesh.httpApi', {})).toMatchObject({ on: false, topics: [] });
  });
});

it('takes away unrecorded only what is listed here', () => {
  const lessening = Object.entries(agentContract as Record<string, AnyMethod>)
    .filter(([name, { lessens }]) => name.startsWith('mesh.') && lessens)
    .map(([name]) => name);
  // Switches that go both ways are not among them, nor a message's deletion.
  expect(lessening.toSorted()).toEqual(['mesh.leave', 'mesh.removePeer', 'mesh.unexpose', 'mesh.unforward']);
});
