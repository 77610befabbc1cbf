import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';

/* Electron stands in here only as what is called: which windows are made, which handlers are set, what is opened. */
const seen = vi.hoisted(() => ({
  windows: [] as Record<string, unknown>[],
  opened: [] as string[],
  schemes: [] as unknown[],
  contentsMade: null as null | ((event: unknown, contents: unknown) => void),
  ipc: new Map<string, (event: unknown) => void>(),
}));

vi.mock('electron', () => {
  class BrowserWindow {
    webContents = { send() {} };
    constructor(options: Record<string, unknown>) {
      seen.windows.push(options);
    }
    once() {}
    on() {}
    maximize() {}
    loadURL(url: string) {
      seen.opened.push(`window ${url}`);
      return Promise.resolve();
    }
  }
  return {
    BrowserWindow,
    MessageChannelMain: class {
      port1 = { end: 'agent' };
      port2 = { end: 'page' };
    },
    app: {
      on: (_name: string, listener: (event: unknown, contents: unknown) => void) => {
        seen.contentsMade = listener;
      },
    },
    ipcMain: { on: (name: string, listener: (event: unknown) => void) => seen.ipc.set(name, listener) },
    nativeTheme: { shouldUseDarkColors: false },
    protocol: { registerSchemesAsPrivileged: (schemes: unknown[]) => seen.schemes.push(...schemes) },
    screen: {
      getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }),
      getAllDisplays: () => [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
    },
    shell: { openExternal: (url: string) => void seen.opened.push(`outside ${url}`) },
  };
});

const { lockAllContents, lockSession } = await import('./session-policy.ts');
const { createMainWindow } = await import('./windows.ts');
const { declareScheme } = await import('./protocol.ts');
const { handOverPorts } = await import('./ports.ts');

describe('the window', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hypha-window-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is sandboxed, isolated, and shows only our own origin', () => {
    createMainWindow({ preload: '/p.cjs', icon: '/i.png', folder, onClose: () => {} }).show('/vault');
    expect(seen.windows[0]?.webPreferences).toEqual({
      preload: '/p.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      safeDialogs: true,
    });
    expect(seen.opened).toContain('window app://hypha/#/vault');
  });

  it('has a scheme of its own with no more rights than it needs', () => {
    declareScheme();
    expect(seen.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
  });
});

describe('the session', () => {
  const set: Record<string, (...args: never[]) => unknown> = {};
  const keep = (name: string) => (handler: (...args: never[]) => unknown) => {
    set[name] = handler;
  };
  const session = {
    setPermissionRequestHandler: keep('request'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('display'),
    webRequest: { onBeforeRequest: keep('before') },
    setSpellCheckerEnabled: keep('spell'),
  };

  it('denies permissions, devices and foreign requests', () => {
    lockSession(session as never);
    const call = (name: string, ...args: unknown[]) => set[name]?.(...(args as never[]));
    const asked: boolean[] = [];
    call('request', {}, 'media', (ok: boolean) => asked.push(ok), { requestingUrl: 'app://hypha/' });
    call('request', {}, 'fullscreen', (ok: boolean) => asked.push(ok), { requestingUrl: 'app://hypha/' });
    call('request', {}, 'fullscreen', (ok: boolean) => asked.push(ok), { requestingUrl: 'https://x.example/' });
    expect(asked).toEqual([false, true, false]);
    expect(call('check', null, 'geolocation', 'app://hypha')).toBe(false);
    expect(call('device', {})).toBe(false);
    const requests: unknown[] = [];
    call('before', { url: 'https://x.example/a.js' }, (answer: unknown) => requests.push(answer));
    call('before', { url: 'app://hypha/a.js' }, (answer: unknown) => requests.push(answer));
    expect(requests).toEqual([{ cancel: true }, { cancel: false }]);
  });

  it('lets no contents navigate away or open windows; safe links go to the browser', () => {
    lockAllContents();
    let open: ((details: { url: string }) => unknown) | null = null;
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: (details: { url: string }) => unknown) => {
        open = handler;
      },
    });
    seen.contentsMade?.({}, contents);
    const prevented = (name: string, url: string) => {
      let stopped = false;
      const preventDefault = () => {
        stopped = true;
      };
      contents.emit(name, { url, preventDefault });
      return stopped;
    };
    expect(prevented('will-navigate', 'https://example.org/')).toBe(true);
    expect(prevented('will-navigate', 'file:///etc/passwd')).toBe(true);
    expect(prevented('will-navigate', 'app://hypha/#/vault')).toBe(false);
    expect(prevented('will-redirect', 'https://example.org/')).toBe(true);
    expect(prevented('will-frame-navigate', 'https://example.org/')).toBe(true);
    expect(prevented('will-attach-webview', '')).toBe(true);
    const handler = open as unknown as (details: { url: string }) => unknown;
    expect(handler({ url: 'https://example.org/a' })).toEqual({ action: 'deny' });
    expect(handler({ url: 'file:///bin/sh' })).toEqual({ action: 'deny' });
    expect(seen.opened.filter((one) => one.startsWith('outside'))).toEqual([
      'outside https://example.org/',
      'outside https://example.org/a',
    ]);
  });
});

describe('the one IPC channel', () => {
  it('hands a port to our page in the top frame, a few times in ten seconds, and to nobody else', () => {
    const windows: unknown[] = [];
    let now = 0;
    handOverPorts(
      () => ({ connectWindow: (port: unknown) => windows.push(port) }) as never,
      () => now,
    );
    const ask = (url: string, parent: unknown = null) => {
      const given: unknown[] = [];
      const frame = {
        url,
        parent,
        postMessage: (_kind: string, _data: unknown, ports: unknown[]) => given.push(...ports),
      };
      seen.ipc.get('hypha:request-port')?.({ senderFrame: frame, sender: { id: 7, once() {} } });
      return given.length;
    };
    expect(ask('https://example.org/')).toBe(0);
    expect(ask('app://hypha/x', {})).toBe(0);
    expect(windows).toHaveLength(0);
    expect(ask('app://hypha/')).toBe(1);
    expect(windows).toEqual([{ end: 'agent' }]);
    for (let n = 0; n < 20; n += 1) ask('app://hypha/');
    expect(windows).toHaveLength(8);
    now = 10_000;
    expect(ask('app://hypha/')).toBe(1);
    expect([...seen.ipc.keys()]).toEqual(['hypha:request-port']);
  });
});
