import '../../local/io-threads.ts';

import { join } from 'node:path';
import process from 'node:process';
import type { MessagePortMain } from 'electron';
import { createAgent } from '#core/agent.ts';
import { shellContract, shellContractVersion } from '#shared/contract/shell.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { connect } from '#shared/rpc/peer.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { openLog } from '../../local/log.ts';
import { createElectronHost } from './host.ts';
import { type FromCore, type ToCore, toCoreSchema } from './messages.ts';
import { type RunningCore, runCore } from './run-core.ts';

/* The core's own process inside Electron. Main starts it, hands it ports, and starts it again when it crashes. */

let core: RunningCore | null = null;

const tell = (message: FromCore) => process.parentPort.postMessage(message);

async function start(asked: Extract<ToCore, { kind: 'start' }>, port: MessagePortMain): Promise<void> {
  const { home, version, resources } = asked;
  const shell = await connect(messagePortTransport(port), {
    contract: shellContract,
    version: shellContractVersion,
    role: { face: 'shell', person: false, name: 'Hypha core' },
  });
  const host = await createElectronHost(shell.client, resources);
  const log = openLog({ directory: join(home, 'logs') });
  process.on('unhandledRejection', (error) => {
    // One lost promise must not take running work down; it is a fault all the same, and is written down.
    log.error({ error }, 'a promise was rejected and nobody looked');
  });
  core = await runCore({
    home,
    version,
    host,
    log,
    env: process.env,
    makeAgent: () =>
      createAgent(host, { home, version, log, onStopRequested: () => setImmediate(tell, { kind: 'stop requested' }) }),
  });
  tell(core === null ? { kind: 'owned' } : { kind: 'ready', socket: core.socket });
}

process.parentPort.on('message', (event) => {
  const parsed = toCoreSchema.safeParse(event.data);
  if (!parsed.success) return;
  const message = parsed.data;
  const port = event.ports[0];
  if (message.kind === 'start' && port) {
    start(message, port).catch((error: unknown) => {
      const next = isFail(error) && error.next !== undefined ? ` ${error.next}` : '';
      tell({ kind: 'failed', message: `${error instanceof Error ? error.message : String(error)}${next}` });
    });
  } else if (message.kind === 'client' && port) {
    if (core === null) port.close();
    else core.serve(messagePortTransport(port), message.face);
  } else if (message.kind === 'stop') {
    void (core?.stop() ?? Promise.resolve()).then(() => {
      tell({ kind: 'stopped' });
      process.exit(0);
    });
  }
});
