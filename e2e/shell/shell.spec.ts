import process from 'node:process';
import { _electron, type ElectronApplication, expect, test } from '@playwright/test';
import { connectLocal } from '../../src-main/local/local-client.ts';
import { temporaryHome } from '../harness/agent.ts';
import { settleIn } from '../harness/person.ts';
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
    // What would go to the person's browser is kept here instead of opening one.
    await app.evaluate(({ shell }) => {
      const kept = globalThis as { outside?: string[] };
      kept.outside = [];
      shell.openExternal = async (url) => void kept.outside?.push(url);
    });
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
    const before = page.url();
    await app.evaluate(({ BrowserWindow }) => {
      (globalThis as { stopped?: unknown }).stopped = new Promise((resolve) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        contents?.on('will-navigate', (event) => {
          if (event.url.startsWith('https:')) resolve({ url: event.url, prevented: event.defaultPrevented });
        });
      });
    });
    // One after the other: when the second was stopped, the first was dealt with.
    await page.evaluate(() => {
      location.href = 'file:///etc/passwd';
      setTimeout(() => {
        location.href = 'https://example.org/gone';
      });
    });
    const stopped = await app.evaluate(() => (globalThis as { stopped?: unknown }).stopped);
    expect(stopped).toEqual({ url: 'https://example.org/gone', prevented: true });
    expect(page.url()).toBe(before);
    await expect(page.locator('body')).toContainText('Hypha');
    expect(app.windows()).toHaveLength(1);
    expect(await app.evaluate(() => (globalThis as { outside?: string[] }).outside)).toEqual([
      'https://example.org/',
      'https://example.org/gone',
    ]);
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
    const { connection } = await connectLocal(home, { face: 'ui', person: true, name: 'Test' });
    await settleIn(connection.client);
    await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    // The second hands its link over and ends before it has a window, which Playwright may take for a failed launch.
    const second = await launch(['hypha://open/settings/identity']).catch(() => null);
    await second?.close().catch(() => undefined);
    await expect(page).toHaveURL(/#\/link\/open\/settings\/identity$/);
    // Shown and not followed: where it leads is a link for the person to take.
    await expect(page.getByRole('link', { name: 'Show it' })).toBeVisible();
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    connection.close();
  });
});
