import { hostname } from 'node:os';
import type { systemContract, WebSession } from '#shared/contract/system.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Handlers } from './broker/handlers.ts';
import { collectDiagnostics } from './diagnostics/diagnostics.ts';
import type { createEventHub } from './diagnostics/event-hub.ts';
import type { Host } from './host.ts';
import type { SettingsStore } from './settings/settings.ts';

/** The sessions of the web interface, as its server keeps them. */
export interface WebSessions {
  list(): WebSession[];
  /** End all, or those named; returns how many. Their pages are disconnected after this call has been answered. */
  end(ids: readonly string[] | undefined): Promise<number>;
}

export interface SystemParts {
  host: Host;
  home: string;
  version: string;
  settings: SettingsStore;
  events: ReturnType<typeof createEventHub>;
  selfTest: Promise<{ passed: number; failed: string[] }>;
  notices: () => { code: string; text: string }[];
  /** Ask the shell to stop the agent; it does so after this call has been answered. */
  requestStop: () => void;
  onPerson: () => void;
  /** Make a one-time URL of the interface; absent where the interface is a window. */
  link?: (() => string) | undefined;
  sessions?: WebSessions | undefined;
}

/** The agent itself: version, settings, changes, diagnostics, stop. */
export function createSystem(parts: SystemParts): Handlers<typeof systemContract> {
  const { host, home, version, settings, events, selfTest, notices, requestStop, onPerson, link, sessions } = parts;
  const startedAt = host.now();
  const info = async () => ({
    version,
    shell: host.shell,
    platform: `${process.platform} ${process.arch}`,
    hostName: hostname(),
    home,
    node: process.versions.node,
    startedAt,
    pid: process.pid,
    selfTest: await selfTest,
    notices: notices(),
  });
  return {
    'system.info': info,
    'system.events': (_, { signal }) => events.follow(signal),
    'system.settings': () => settings.get(),
    'system.configure': async (change, { undo }) => {
      const before = settings.get();
      const given = (Object.keys(change) as (keyof typeof change)[]).filter((key) => change[key] !== undefined);
      const result = await settings.change(Object.fromEntries(given.map((key) => [key, change[key]])));
      // That the first run is over is a mark and no choice of the person: nobody wants to undo it by accident.
      const chosen = given.filter((key) => key !== 'onboarded' && before[key] !== result[key]);
      if (chosen.length > 0) undo('system.configure', Object.fromEntries(chosen.map((key) => [key, before[key]])));
      return result;
    },
    'system.useQemu': async ({ path }, { undo }) => {
      const before = settings.get().qemuPath;
      const result = await settings.change({ qemuPath: path });
      if (before !== path) undo('system.useQemu', { path: before });
      return result;
    },
    'system.diagnostics': async () => ({
      files: await collectDiagnostics(home, {
        ...(await info()),
        versions: process.versions,
        memory: process.memoryUsage(),
      }),
    }),
    'system.present': () => {
      onPerson();
      return {};
    },
    'system.link': () => {
      if (!link) {
        throw fail('NO_WEB', 'This agent has a window of its own and no web page.', {
          next: 'Look for the Hypha window, or start the agent with npm start -- --headless.',
        });
      }
      return { url: link() };
    },
    'system.sessions': () => ({ sessions: sessions?.list() ?? [] }),
    'system.endSessions': async ({ sessions: ids }) => {
      const ended = (await sessions?.end(ids)) ?? 0;
      events.emit({ topic: 'system', ids: [] });
      return { ended };
    },
    'system.stop': () => {
      requestStop();
      return {};
    },
  };
}
