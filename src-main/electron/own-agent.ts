import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import { shellContract, shellContractVersion } from '#shared/contract/shell.ts';
import { fail } from '#shared/rpc/fail.ts';
import { connect, serve } from '#shared/rpc/peer.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import type { LocalConnection } from '../local/local-client.ts';
import type { AgentLink, CoreState } from './agent-link.ts';
import { type FromCore, fromCoreSchema, type ToCore } from './core/messages.ts';
import { afterCrash } from './restart-policy.ts';
import { type ShellHandlers, shellDispatcher } from './shell-dispatcher.ts';

export interface OwnAgentOptions {
  readonly entry: string;
  readonly home: string;
  readonly version: string;
  readonly resources: string;
  readonly handlers: ShellHandlers;
  readonly onState: (state: CoreState, detail: string) => void;
  readonly onStopRequested: () => void;
}

/** How long the core may take to flush when the app is quit; past this it is ended. */
const stopWithinMs = 15_000;

/**
 * Start the core in a process of its own and keep it running: a crash is survived by starting it again, ever more
 * slowly. Resolves when the core is ready, or with null when another process owns the data directory.
 */
export async function startOwnAgent(options: OwnAgentOptions): Promise<AgentLink | null> {
  const crashes: number[] = [];
  let child: UtilityProcess | null = null;
  let own: Promise<LocalConnection> | null = null;
  let stopping = false;

  const post = (message: ToCore, ports: MessagePortMain[] = []) => child?.postMessage(message, ports);

  const launch = async (): Promise<'ready' | 'owned'> => {
    const started = utilityProcess.fork(options.entry, [], { serviceName: 'Hypha core', stdio: 'inherit' });
    child = started;
    own = null;
    const { promise, resolve, reject } = Promise.withResolvers<'ready' | 'owned'>();
    started.on('message', (data: unknown) => {
      const parsed = fromCoreSchema.safeParse(data);
      if (parsed.success) answer(parsed.data);
    });
    const answer = (message: FromCore) => {
      if (message.kind === 'ready' || message.kind === 'owned') resolve(message.kind);
      if (message.kind === 'failed') reject(fail('CORE_FAILED', message.message));
      if (message.kind === 'stop requested') options.onStopRequested();
    };
    started.once('exit', () => {
      reject(fail('CORE_FAILED', 'The agent ended before it was ready.'));
      if (child === started) child = null;
      own = null;
      if (!stopping) void survive();
    });
    const { port1, port2 } = new MessageChannelMain();
    serve(messagePortTransport(port1), {
      contract: shellContract,
      version: shellContractVersion,
      dispatcher: shellDispatcher(options.handlers),
      accept: () => ({ caller: 'core' as const, connection: 'core' }),
      newIncident: () => `shell-${Date.now().toString(36)}`,
      log: ({ incident, method, error }) => console.error(`fault ${incident} in ${method}:`, error),
    });
    started.once('spawn', () => {
      const { home, version, resources } = options;
      post({ kind: 'start', home, version, resources }, [port2]);
    });
    return promise;
  };

  let first = true;
  const survive = async (): Promise<void> => {
    // Before the first start was good there is nothing to go back to; whoever started us hears of it.
    if (first) return;
    crashes.push(Date.now());
    const next = afterCrash(crashes, Date.now());
    if (next.kind === 'give up') {
      options.onState(
        'failed',
        'The agent ended several times in a row. Your data is as it was last stored. Quit and open Hypha again.',
      );
      return;
    }
    options.onState(
      'restarting',
      'The agent ended unexpectedly and is being started again. What was acknowledged is safe.',
    );
    setTimeout(() => {
      if (stopping) return;
      // A start that fails ends the process, which leads back here.
      launch().then(
        (outcome) => {
          if (outcome === 'ready') options.onState('running', '');
          else
            options.onState('failed', 'Another program has taken over the data directory. Quit and open Hypha again.');
        },
        () => child?.kill(),
      );
    }, next.ms);
  };

  const outcome = await launch().catch((error: unknown) => {
    stopping = true;
    child?.kill();
    throw error;
  });
  if (outcome === 'owned') {
    stopping = true;
    (child as UtilityProcess | null)?.kill();
    return null;
  }
  first = false;

  return {
    kind: 'own',
    connectWindow(port) {
      if (child === null) port.close();
      else post({ kind: 'client', face: 'ui' }, [port]);
    },
    connection() {
      if (child === null) return Promise.reject(fail('DISCONNECTED', 'The agent is being started again.'));
      own ??= connectOwn(post);
      return own;
    },
    async stop() {
      stopping = true;
      const running = child;
      if (running === null) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      post({ kind: 'stop' });
      const late = setTimeout(() => running.kill(), stopWithinMs);
      await ended;
      clearTimeout(late);
    },
  };
}

function connectOwn(post: (message: ToCore, ports: MessagePortMain[]) => void): Promise<LocalConnection> {
  const { port1, port2 } = new MessageChannelMain();
  post({ kind: 'client', face: 'shell' }, [port2]);
  return connect(messagePortTransport(port1), {
    contract: agentContract,
    version: contractVersion,
    role: { face: 'shell', person: false, name: 'Hypha app' },
  });
}
