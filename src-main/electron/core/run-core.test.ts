import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAgent } from '#core/agent.ts';
import type { Logger } from '#core/host.ts';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import { type ShellContract, shellContract, shellContractVersion } from '#shared/contract/shell.ts';
import type { Client } from '#shared/rpc/contract.ts';
import { connect, serve } from '#shared/rpc/peer.ts';
import { memoryPair } from '#shared/rpc/transports/memory.ts';
import { type DomPort, messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { connectLocal } from '../../local/local-client.ts';
import { type ShellHandlers, shellDispatcher } from '../shell-dispatcher.ts';
import { createElectronHost } from './host.ts';
import { runCore } from './run-core.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const handlers = (usable: boolean): ShellHandlers => ({
  'shell.keyring': () => ({ usable, detail: usable ? 'a keyring' : 'only basic_text' }),
  'shell.seal': ({ plain }) => ({ sealed: plain.map((byte) => byte ^ 0xff) }),
  'shell.open': ({ sealed }) => ({ plain: sealed.map((byte) => byte ^ 0xff) }),
  'shell.notify': () => ({ shown: false, why: 'test' }),
  'shell.clear': () => ({}),
  'shell.choose': () => ({ paths: [] }),
  'shell.show': () => ({}),
  'shell.spawn': async function* () {
    yield { t: 'started', pid: 1 };
    yield { t: 'exited', code: 0 };
  },
});

async function connectShell(usable: boolean): Promise<Client<ShellContract>> {
  const [core, main] = memoryPair();
  serve(main, {
    contract: shellContract,
    version: shellContractVersion,
    dispatcher: shellDispatcher(handlers(usable)),
    accept: () => ({ caller: 'core' as const, connection: 'core' }),
    checkOutputs: true,
    newIncident: () => 'incident',
    log: ({ error }) => {
      throw error;
    },
  });
  const role = { face: 'shell', person: false, name: 'Hypha core' } as const;
  return (await connect(core, { contract: shellContract, version: shellContractVersion, role })).client;
}

describe('the core in a process of its own', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'hypha-core-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('reaches the keyring through the shell, and has none where it protects nothing', async () => {
    const host = await createElectronHost(await connectShell(true), folder);
    const secret = Uint8Array.of(1, 2, 3);
    const sealed = await host.keyring?.seal(secret);
    expect(sealed).not.toEqual(secret);
    expect(await host.keyring?.open(sealed ?? secret)).toEqual(secret);
    const without = await createElectronHost(await connectShell(false), folder);
    expect(without.keyring).toBeNull();
    expect(without.keyringDetail).toMatch(/basic_text/);
  });

  it('follows a child of the shell, and refuses names and methods it does not know', async () => {
    const shell = await connectShell(true);
    const seen: unknown[] = [];
    for await (const event of shell['shell.spawn']({ entry: 'example' })) seen.push(event);
    expect(seen).toEqual([
      { t: 'started', pid: 1 },
      { t: 'exited', code: 0 },
    ]);
    await expect(shell['shell.show']({ path: '' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('serves the window’s port and the local socket, and owns its data directory', async () => {
    const host = await createElectronHost(await connectShell(true), folder);
    const home = path.join(folder, 'home');
    const config = { home, version: '0.0.0', log: silent, onStopRequested: () => {} };
    const options = {
      home,
      version: '0.0.0',
      host,
      log: silent,
      env: { XDG_RUNTIME_DIR: folder },
      makeAgent: () => createAgent(host, config),
    };
    const core = await runCore(options);
    if (core === null) throw new Error('somebody else owns a fresh directory');
    try {
      expect(await runCore(options)).toBeNull();

      const { port1, port2 } = new MessageChannel();
      core.serve(messagePortTransport(port1 as unknown as DomPort), 'ui');
      const page = await connect(messagePortTransport(port2 as unknown as DomPort), {
        contract: agentContract,
        version: contractVersion,
        role: { face: 'ui', person: true, name: 'Hypha window' },
      });
      expect(await page.client['system.info']({})).toMatchObject({ shell: 'electron', home });
      page.close();

      const wrong = new MessageChannel();
      core.serve(messagePortTransport(wrong.port1 as unknown as DomPort), 'shell');
      const asPerson = connect(messagePortTransport(wrong.port2 as unknown as DomPort), {
        contract: agentContract,
        version: contractVersion,
        role: { face: 'ui', person: true, name: 'Hypha window' },
      });
      await expect(asPerson).rejects.toMatchObject({ code: 'FORBIDDEN' });

      const other = await connectLocal(home, { face: 'shell', person: false, name: 'Hypha app' });
      expect(await other.connection.client['system.info']({})).toMatchObject({ home });
      other.connection.close();
    } finally {
      await core.stop();
    }
    await expect(connectLocal(home, { face: 'cli', person: true, name: 'Terminal' })).rejects.toMatchObject({
      code: 'NOT_RUNNING',
    });
  });
});
