import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { Fail } from '#shared/rpc/fail.ts';
import { type Agent, createAgent } from './agent.ts';
import type { Caller } from './broker/handlers.ts';
import { createFakeHost } from './testing/fake-host.ts';

const never = new AbortController().signal;
const person: Caller = { connection: 'window', face: 'ui', name: 'Window', person: true };

let home: string;
let agent: Agent;
let logged: { fields: Record<string, unknown>; message: string }[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-agent-'));
  logged = [];
  agent = await begin();
});
afterEach(async () => {
  await agent.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

async function begin(): Promise<Agent> {
  const keep = (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message });
  const log = { debug() {}, info() {}, warn: keep, error: keep };
  const made = await createAgent(createFakeHost(), { home, version: '0', log, onStopRequested: () => {} });
  await made.start();
  return made;
}

const call = (name: string, input: unknown, who = person) => agent.dispatcher.invoke(who, name, input, never);

describe('the agent', () => {
  // The broker refuses to be made with a handler too few or too many.
  it('answers each method: whatever it says, it is no fault', async () => {
    // What would end it, wait for QEMU, or take long.
    const left = ['system.stop', 'machines.capability', 'vault.setup', 'identity.create', 'identity.restore'];
    for (const [name, spec] of Object.entries(agentContract as Record<string, AnyMethod>)) {
      if (left.includes(name)) continue;
      const abort = new AbortController();
      try {
        if (spec.kind === 'stream') {
          const first = agent.dispatcher.stream(person, name, {}, abort.signal)[Symbol.asyncIterator]().next();
          abort.abort();
          await first;
        } else await agent.dispatcher.invoke(person, name, {}, abort.signal);
      } catch (error) {
        expect(error, name).toBeInstanceOf(Fail);
        expect((error as Fail).code, name).not.toBe('INTERNAL');
      }
    }
    expect(logged.filter(({ message }) => message === 'unexpected error')).toEqual([]);
  });

  it('lets no program choose what runs the machines without a person', async () => {
    const asked = { code: 'CONSENT_NEEDED' };
    const program: Caller = { connection: 'terminal', face: 'cli', name: 'A script', person: false };
    await expect(call('system.useQemu', { path: '/tmp/anything' }, program)).rejects.toMatchObject(asked);
    // By the old way round it, the path is no setting that a change of settings takes.
    await call('system.configure', { qemuPath: '/tmp/anything' }, program);
    expect(await call('system.settings', {})).toMatchObject({ qemuPath: '' });
    expect(await call('system.useQemu', { path: '/opt/qemu' })).toMatchObject({ qemuPath: '/opt/qemu' });
    const { entries } = (await call('activity.list', { query: 'useQemu' })) as { entries: { seq: number }[] };
    await call('activity.undo', { seq: entries[0]?.seq });
    expect(await call('system.settings', {})).toMatchObject({ qemuPath: '' });
  });

  it('starts again over what it wrote, readable by its owner alone, with a log that verifies', async () => {
    await call('system.configure', { theme: 'dark' });
    await agent.stop();
    agent = await begin();
    expect(await call('system.settings', {})).toMatchObject({ theme: 'dark' });
    expect(await call('activity.verify', {})).toEqual({ entries: 1, intact: true, brokenAt: null });
    expect(((await call('system.info', {})) as { notices: unknown[] }).notices).toEqual([]);
    if (process.platform === 'win32') return;
    for (const entry of await readdir(home, { withFileTypes: true, recursive: true })) {
      // Temporary files come and go meanwhile.
      if (!entry.isFile() || entry.name.endsWith('.tmp')) continue;
      const path = join(entry.parentPath, entry.name);
      expect((await stat(path)).mode & 0o077, path).toBe(0);
    }
  });

  it('keeps a copy of its log, and comes back from it', async () => {
    await call('system.configure', { theme: 'dark' });
    await agent.stop();
    await rm(join(home, 'agent.db'));
    agent = await begin();
    expect(await call('activity.verify', {})).toMatchObject({ entries: 1, intact: true });
    expect((await call('system.info', {})) as object).toMatchObject({ notices: [{ code: 'RESTORED_FROM_COPY' }] });
  });

  it('withdraws every standing approval when its database comes back from the copy', async () => {
    const give = (to: string) =>
      call('mandates.create', {
        method: 'machines.start',
        face: 'mcp',
        target: { machine: to },
        maxUses: 9,
        expiresAt: createFakeHost().now() + 3_600_000,
      }) as Promise<{ mandate: { id: string } }>;
    await give('kept');
    const { mandate } = await give('revoked');
    await agent.stop();
    const copy = await readFile(join(home, 'agent.db.copy'));
    agent = await begin();
    await call('mandates.revoke', { mandate: mandate.id });
    await agent.stop();
    await writeFile(join(home, 'agent.db.copy'), copy);
    await rm(join(home, 'agent.db'));
    agent = await begin();
    const { mandates } = (await call('mandates.list', {})) as { mandates: { revokedAt: number | null }[] };
    expect(mandates.map(({ revokedAt }) => revokedAt)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(await call('system.info', {})).toMatchObject({
      notices: [{ code: 'RESTORED_FROM_COPY' }, { code: 'MANDATES_REVOKED' }],
    });
    // Once withdrawn they stay so, and it is said once.
    await agent.stop();
    agent = await begin();
    expect(await call('system.info', {})).toMatchObject({ notices: [] });
  });

  it('writes a passphrase nowhere', async () => {
    const secret = 'zz a passphrase zz';
    await expect(call('identity.unlock', { passphrase: secret })).rejects.toMatchObject({ code: 'NO_IDENTITY' });
    await expect(call('identity.create', { draft: 'none', name: 'Ann', passphrase: secret })).rejects.toMatchObject({
      code: 'DRAFT_EXPIRED',
    });
    await expect(call('identity.changePassphrase', { current: secret })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await agent.stop();
    for (const entry of await readdir(home, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      expect(bytes.includes(secret), entry.name).toBe(false);
    }
    expect(JSON.stringify(logged)).not.toContain(secret);
    agent = await begin();
  });
});
