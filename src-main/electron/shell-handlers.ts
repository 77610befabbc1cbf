import { existsSync } from 'node:fs';
import path from 'node:path';
import { type BrowserWindow, dialog, safeStorage, shell, utilityProcess } from 'electron';
import { fail } from '#shared/rpc/fail.ts';
import { keyringState } from './keyring-state.ts';
import type { Notifier } from './notifications.ts';
import type { ShellHandlers } from './shell-dispatcher.ts';

export interface ShellHandlerOptions {
  readonly notifier: Notifier;
  readonly window: () => BrowserWindow | null;
  /** Folder that holds the built children, `child-<name>.js`. */
  readonly children: string;
}

/** Main's side of the shell contract: the parts of the operating system that only Electron's main process reaches. */
export function createShellHandlers({ notifier, window, children }: ShellHandlerOptions): ShellHandlers {
  const state = () =>
    keyringState({
      platform: process.platform,
      available: safeStorage.isEncryptionAvailable(),
      backend: process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : null,
    });
  const needKeyring = () => {
    const { usable, detail } = state();
    if (!usable) throw fail('NO_KEYRING', detail);
  };
  return {
    'shell.keyring': state,
    'shell.seal': ({ plain }) => {
      needKeyring();
      // safeStorage takes text; base64 carries any bytes through it.
      return { sealed: new Uint8Array(safeStorage.encryptString(Buffer.from(plain).toString('base64'))) };
    },
    'shell.open': ({ sealed }) => {
      needKeyring();
      try {
        return { plain: new Uint8Array(Buffer.from(safeStorage.decryptString(Buffer.from(sealed)), 'base64')) };
      } catch {
        throw fail('NOT_SEALED_HERE', 'The keyring of this computer does not know this secret any more.');
      }
    },
    'shell.notify': (notice) => notifier.show(notice),
    'shell.clear': ({ subject }) => {
      notifier.clear(subject);
      return {};
    },
    'shell.choose': async ({ what, title, name }) => {
      const parent = window();
      if (parent === null) throw fail('NO_WINDOW', 'There is no window to ask in.');
      if (what === 'save') {
        const { canceled, filePath } = await dialog.showSaveDialog(parent, { title, defaultPath: name });
        return { paths: canceled ? [] : [filePath] };
      }
      const properties = what === 'files' ? (['openFile', 'multiSelections'] as const) : (['openDirectory'] as const);
      const { canceled, filePaths } = await dialog.showOpenDialog(parent, { title, properties: [...properties] });
      return { paths: canceled ? [] : filePaths };
    },
    'shell.show': ({ path: file }) => {
      if (!path.isAbsolute(file) || !existsSync(file)) throw fail('NOT_FOUND', `${file} is not there.`);
      shell.showItemInFolder(file);
      return {};
    },
    'shell.spawn': async function* ({ entry, args }, signal) {
      const file = path.join(children, `child-${entry}.js`);
      if (!existsSync(file)) throw fail('NOT_FOUND', `The app has no part named ${entry}.`);
      const child = utilityProcess.fork(file, args, { serviceName: `Hypha ${entry}`, stdio: 'ignore' });
      const ended = new Promise<number>((resolve) => child.once('exit', resolve));
      const end = () => child.kill();
      signal.addEventListener('abort', end, { once: true });
      await new Promise<void>((resolve) => child.once('spawn', () => resolve()));
      yield { t: 'started' as const, pid: child.pid ?? null };
      yield { t: 'exited' as const, code: await ended };
    },
  };
}
