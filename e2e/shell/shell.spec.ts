import path from 'node:path';
import process from 'node:process';
import { _electron, type ElectronApplication, expect, test } from '@playwright/test';
import { connectLocal } from '../../src-main/local/local-client.ts';
import { temporaryHome } from '../harness/agent.ts';
import { electronProgram, rootArguments, shellMissing } from './runtime.ts';

const missing = shellMissing();

test.describe('the Electron shell', () => {
  test.skip(missing !== null, missing ?? '');

  let home: string;
  let app: ElectronApplication;
  let remove: () => Promise<void>;

  const launch = (more: readonly string[] = []) => {
    const electron = electronProgram();
    if (electron === null) throw new Error('no Electron runtime');
    return _electron.launch({
      executablePath: electron.program,
      args: [...electron.args, ...rootArguments(), '--home', home, ...more],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '' } as Record<string, string>,
    });
  };

  test.beforeEach(async () => {
    ({ home, remove } = await temporaryHome());
    app = await launch();
  });
  test.afterEach(async () => {
    await app.close().catch(() => undefined);
    await remove();
  });

  test('shows the interface over app:// in a sandboxed page that knows nothing of Node', async () => {
    const page = await app.firstWindow();
    await expect(page.locator('body')).toContainText('Hypha');
    expect(page.url()).toMatch(/^app:\/\/hypha\//);
    const seen = await page.evaluate(() => ({
      node: typeof (globalThis as { process?: unknown }).process,
      require: typeof (globalThis as { require?: unknown }).require,
      bridge: Object.keys((globalThis as { hyphaShell?: object }).hyphaShell ?? {}),
      secure: isSecureContext,
    }));
    expect(seen).toEqual({ node: 'undefined', require: 'undefined', bridge: ['requestPort'], secure: true });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    });
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  });

  test('lets nothing out: no navigation, no new window, no foreign request, no permission', async () => {
    const page = await app.firstWindow();
    await page.waitForLoadState();
    const foreign = await page.evaluate(async () => {
      const fetched = await fetch('https://example.org/').then(
        () => 'loaded',
        () => 'refused',
      );
      window.open('https://example.org/');
      const permission = await navigator.permissions.query({ name: 'geolocation' }).then((one) => one.state);
      return { fetched, permission };
    });
    expect(foreign).toEqual({ fetched: 'refused', permission: 'denied' });
    await page.evaluate(() => {
      location.href = 'file:///etc/passwd';
    });
    expect(page.url()).toMatch(/^app:\/\/hypha\//);
    expect(app.windows()).toHaveLength(1);
    const escaped = await page.evaluate(() => fetch('/..%2f..%2fpackage.json').then((one) => one.status));
    expect(escaped).toBe(400);
  });

  test('serves the local socket, and survives a crash of the core', async () => {
    const page = await app.firstWindow();
    await page.waitForLoadState();
    const role = { face: 'cli', person: true, name: 'Terminal' } as const;
    const before = await connectLocal(home, role);
    const { pid, shell } = await before.connection.client['system.info']({});
    expect(shell).toBe('electron');
    const lost = new Promise<void>((resolve) => before.connection.onClose(() => resolve()));
    process.kill(pid, 'SIGKILL');
    await lost;
    await expect
      .poll(async () => {
        const again = await connectLocal(home, role).catch(() => null);
        if (again === null) return null;
        const info = await again.connection.client['system.info']({});
        again.connection.close();
        return info.pid !== pid;
      })
      .toBe(true);
    await expect(page.locator('body')).toContainText('Hypha');
  });

  test('is one app a data directory, and shows a deep link for confirmation', async () => {
    const page = await app.firstWindow();
    await page.waitForLoadState();
    const second = await launch(['hypha://open/machine/web-1']).catch(() => null);
    await second?.close().catch(() => undefined);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(path.isAbsolute(home)).toBe(true);
  });
});
