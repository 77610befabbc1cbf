import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { appOrigin } from './app-address.ts';
import { leastSize, placeWindow, readWindowState } from './window-state.ts';

export interface MainWindow {
  readonly current: () => BrowserWindow | null;
  /** Make it if need be, and bring it to the front; `address` is a path of the interface. */
  show(address?: string): void;
}

/** The app's one window. `onClose` decides what closing means; it may prevent it. */
export function createMainWindow(options: {
  readonly preload: string;
  readonly icon: string;
  /** Folder of the shell's own small files. */
  readonly folder: string;
  readonly onClose: (event: { preventDefault(): void }, window: BrowserWindow) => void;
}): MainWindow {
  let window: BrowserWindow | null = null;
  const stateFile = path.join(options.folder, 'window.json');

  const keep = (from: BrowserWindow) => {
    const state = { ...from.getNormalBounds(), maximized: from.isMaximized() };
    void mkdir(options.folder, { recursive: true })
      .then(() => writeFileAtomic(stateFile, `${JSON.stringify(state)}\n`, { mode: 0o600 }))
      .catch(() => undefined); // losing a window's place is no reason to say anything
  };

  const make = (address: string): BrowserWindow => {
    const place = placeWindow(readWindowState(readText(stateFile)), screens());
    const made = new BrowserWindow({
      x: place.x,
      y: place.y,
      width: place.width,
      height: place.height,
      minWidth: leastSize.width,
      minHeight: leastSize.height,
      show: false,
      title: 'Hypha',
      icon: options.icon,
      // The page's own ground colour, so that nothing flashes before the first paint.
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#14161a' : '#ffffff',
      webPreferences: {
        preload: options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        safeDialogs: true,
      },
    });
    if (place.maximized) made.maximize();
    made.once('ready-to-show', () => made.show());
    made.on('close', (event) => {
      keep(made);
      options.onClose(event, made);
    });
    made.on('closed', () => {
      if (window === made) window = null;
    });
    void made.loadURL(inInterface(address));
    return made;
  };

  return {
    current: () => window,
    show(address) {
      if (window === null) {
        window = make(address ?? '/');
        return;
      }
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      // Only the fragment changes, so the page goes there without being loaded again.
      if (address !== undefined) void window.loadURL(inInterface(address));
    },
  };
}

/** The interface keeps its own addresses in the fragment. */
function inInterface(address: string): string {
  return `${appOrigin}/#${address}`;
}

/** Work areas, the primary screen first. */
function screens() {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((one) => one.id !== primary.id);
  return [primary, ...others].map((one) => one.workArea);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
