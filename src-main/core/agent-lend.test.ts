import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from './broker/handlers.ts';
import { type NewAgent, startNewAgent } from './testing/new-agent.ts';
import { connectRaw } from './vault/zdb-server/testing/raw-client.ts';

/* Storage that one Hypha lends, used by another over the mesh: both whole agents, each with a node of its own. */

const terminal: Caller = { connection: 'terminal', face: 'cli', name: 'Terminal', person: true };

let lender: NewAgent;
let borrower: NewAgent;
const call = async (who: NewAgent, name: string, input: unknown) =>
  (await who.call(name, input, terminal)) as Record<string, never>;
const alone = { publicPeers: false, discovery: false };

beforeAll(async () => {
  [lender, borrower] = await Promise.all([startNewAgent(1), startNewAgent(2)]);
}, 60_000);
afterAll(() => Promise.all([lender.stop(), borrower.stop()]));

it('is reached by those it is lent to, and closed to them again', async () => {
  await call(lender, 'mesh.join', { ...alone, listen: true, port: 0 });
  await call(borrower, 'mesh.join', { ...alone, listen: false });
  const { listening } = await call(lender, 'mesh.status', {});
  const { address } = await call(borrower, 'mesh.status', {});
  const bytes = 128 * 1024 * 1024;
  const handed = await call(lender, 'vault.lend', { name: 'friend', bytes, to: [address] });
  await call(borrower, 'mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
  const { forward } = await call(borrower, 'mesh.forward', { target: handed.host, port: handed.port });
  const { localPort } = forward as unknown as { localPort: number };
  // The way between the two is found in its own time.
  await expect
    .poll(
      async () => {
        const client = await connectRaw(localPort);
        const answer = await client.say('PING').catch(() => '');
        client.close();
        return answer;
      },
      { timeout: 30_000 },
    )
    .toBe('+PONG|');
  const client = await connectRaw(localPort);
  expect(await client.say('SELECT', 'friend', handed.password as unknown as string)).toBe('+OK|');
  const value = Buffer.alloc(2 * 1024 * 1024, 'a piece of somebody’s file ');
  expect(await client.say('SET', 'piece', value)).toBe('$5|piece|');
  const stored = await client.ask('GET', 'piece');
  expect(stored.subarray(10, -2).equals(value)).toBe(true);
  expect(await call(lender, 'vault.lending', {})).toMatchObject({
    lent: [{ name: 'friend', used: value.length, keys: 1 }],
  });
  await call(lender, 'vault.lendOff', {});
  await client.ended;
  expect(await call(lender, 'mesh.exposures', {})).toEqual({ exposures: [] });
}, 90_000);
