import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { app, dialog, Menu, powerMonitor, session } from 'electron';
import type { AgentLink, CoreState } from './agent-link.ts';
import { type AppArguments, readArguments } from './arguments.ts';
import { attachToAgent } from './attached-agent.ts';
import { hasTray, mayStartHidden } from './close-rules.ts';
import { closeWindow } from './closing.ts';
import { deepLinkPath, parseDeepLink } from './deep-link.ts';
import { type AgentSources, findAgent, findSuccessor, inWords } from './find-agent.ts';
import { lockBeforeSleep } from './lock-on-sleep.ts';
import { menuPath, menuTemplate } from './menu.ts';
import { createNotifier } from './notifications.ts';
import { startOwnAgent } from './own-agent.ts';
import { handOverPorts } from './ports.ts';
import { serveInterface } from './protocol.ts';
import { lockSession } from './session-policy.ts';
import { createShellHandlers } from './shell-handlers.ts';
import { shippedWith } from './shipped.ts';
import { trayWatcherRuns } from './status-notifier.ts';
import { type AppTray, createTray } from './tray.ts';
import { type AgentFacts, watchAgent } from './watch-agent.ts';
import { createMainWindow } from './windows.ts';

/** The app from ready to quit: composes the parts of the shell, and nothing else. */
export async function runApp({ home, given }: { home: string; given: AppArguments }): Promise<void> {
  const shipped = shippedWith(import.meta.dirname, app.isPackaged, process.resourcesPath);
  const tray = hasTray(process.platform, process.env.XDG_CURRENT_DESKTOP, await trayWatcherRuns());
  let agent: AgentLink | null = null;
  let quitting = false;
  let core: CoreState = 'running';
  let facts: AgentFacts = {
    identity: 'none',
    runningTasks: 0,
    progress: null,
    runningMachines: 0,
    notifications: true,
    onboarded: false,
  };

  const quit = () => {
    quitting = true;
    app.quit();
  };
  const window = createMainWindow({
    preload: shipped.preload,
    icon: path.join(shipped.icons, 'icon-256.png'),
    folder: path.join(home, 'window'),
    onClose: (event, closing) =>
      closeWindow(event, closing, { quitting, tray, folder: path.join(home, 'window'), quit }),
  });
  const lock = () => {
    void agent
      ?.connection()
      .then(({ client }) => client['identity.lock']({}))
      .catch(() => window.show());
  };
  const palette = () => {
    window.show();
    const modifiers = [process.platform === 'darwin' ? ('meta' as const) : ('control' as const)];
    window.current()?.webContents.sendInputEvent({ type: 'keyDown', keyCode: 'k', modifiers });
  };
  const notifier = createNotifier({
    facts: () => ({
      focused: window.current()?.isFocused() ?? false,
      enabled: facts.notifications,
      onboarded: facts.onboarded,
    }),
    open: (address) => window.show(address),
  });
  const appTray: AppTray | null = tray
    ? createTray(shipped.icons, (command) => ({ open: () => window.show(), lock, quit })[command]())
    : null;
  const showState = () => appTray?.update({ ...facts, core });
  const setCore = (state: CoreState, detail: string) => {
    core = state;
    showState();
    if (state === 'running') follow();
    // The page sees that its port closed and waits for the agent; only when it will not come back is there more to say.
    if (state === 'failed') dialog.showErrorBox('Hypha has stopped', detail);
  };

  lockSession(session.defaultSession);
  serveInterface(shipped.renderer, () => agent?.connection() ?? Promise.reject(new Error('The agent is starting.')));
  handOverPorts(() => agent);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, (command) => {
        const address = menuPath(command);
        if (address !== null) window.show(address);
        else ({ lock, quit, palette })[command as 'lock' | 'quit' | 'palette']();
      }),
    ),
  );
  app.setAsDefaultProtocolClient('hypha');
  app.on('second-instance', (_event, args) => {
    const { link } = readArguments(args.slice(1));
    window.show(link === null ? undefined : deepLinkPath(link));
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const link = parseDeepLink(url);
    if (link !== null) window.show(deepLinkPath(link));
  });
  powerMonitor.on('suspend', () => {
    // Where the agent is away its keys are gone already.
    void agent
      ?.connection()
      .then(({ client }) => lockBeforeSleep(client))
      .catch(() => undefined);
  });
  app.on('activate', () => window.show());
  // The app lives in the tray, or ends by the rules of closing; never by the default of the last window.
  app.on('window-all-closed', () => {
    if (!tray && process.platform !== 'darwin') quit();
  });
  app.on('before-quit', () => {
    quitting = true;
  });
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped || agent === null) return;
    event.preventDefault();
    void agent.stop().finally(() => {
      stopped = true;
      appTray?.destroy();
      app.quit();
    });
  });

  try {
    const handlers = createShellHandlers({ notifier, window: window.current, children: shipped.code });
    const sources: AgentSources = {
      attach: () => attachToAgent(home, replace),
      own: () =>
        startOwnAgent({
          entry: shipped.coreEntry,
          home,
          version: app.getVersion(),
          resources: shipped.resources,
          handlers,
          onState: setCore,
          onStopRequested: quit,
        }),
    };
    const replace = () => {
      agent = null;
      setCore('restarting', '');
      findSuccessor(sources, { quitting: () => quitting, rest: sleep }).then(
        (found) => {
          if (found === null) return;
          agent = found;
          // Quit while it was being found: nobody else would end it.
          if (quitting) void found.stop();
          else setCore('running', '');
        },
        (error: unknown) => setCore('failed', inWords(error)),
      );
    };
    agent = await findAgent(sources);
  } catch (error) {
    dialog.showErrorBox('Hypha could not start', `${inWords(error)}\n\n${home}`);
    app.exit(1);
    return;
  }

  const follow = () => {
    void agent
      ?.connection()
      .then(({ client }) =>
        watchAgent(
          client,
          {
            facts(now) {
              facts = now;
              showState();
            },
            notice: (notice) => void notifier.show(notice),
            settled: (subject) => notifier.clear(subject),
          },
          new AbortController().signal,
        ),
      )
      .catch(() => undefined); // the connection ended; a restart follows it anew
  };
  follow();
  showState();
  if (!mayStartHidden(given.hidden, tray, process.platform)) {
    window.show(given.link === null ? undefined : deepLinkPath(given.link));
  }
}
