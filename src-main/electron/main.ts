import path from 'node:path';
import process from 'node:process';
import { app } from 'electron';
import { resolveHome } from '../local/home.ts';
import { runApp } from './app.ts';
import { readArguments } from './arguments.ts';
import { type DeepLink, parseDeepLink } from './deep-link.ts';
import { declareScheme } from './protocol.ts';
import { lockAllContents } from './session-policy.ts';

/* Electron's main process. Everything that must happen before the app is ready, then `app.ts`. */

const given = readArguments(process.argv.slice(1));
const home = resolveHome({
  asked: given.home,
  env: process.env,
  platform: process.platform,
  homedir: app.getPath('home'),
  cwd: process.cwd(),
  path,
});

// Chromium refuses to start its sandbox as root, and calls this an error unless it was switched off by name.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
app.setPath('userData', path.join(home, 'window'));
app.setName('Hypha');
if (process.platform === 'win32') app.setAppUserModelId('app.hypha.desktop');
declareScheme();
lockAllContents();

// On macOS the link that started the app comes as an event, and may come before the app is ready.
let early: DeepLink | null = null;
const keepEarly = (event: Electron.Event, url: string) => {
  event.preventDefault();
  early = parseDeepLink(url);
};
app.on('open-url', keepEarly);

// One app a data directory: Electron's lock is per userData folder, which lies in it.
if (!app.requestSingleInstanceLock()) {
  app.quit();
} else {
  void app.whenReady().then(() => {
    app.off('open-url', keepEarly);
    return runApp({ home, given: { ...given, link: early ?? given.link } });
  });
}
