import type { MenuItemConstructorOptions } from 'electron';

export type MenuCommand = 'about' | 'settings' | 'palette' | 'lock' | 'quit';

/** The native menu. Roles where the system has one, so that names and keys are the system's own. */
export function menuTemplate(
  platform: NodeJS.Platform,
  run: (command: MenuCommand) => void,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const item = (label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => run(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const settings = item(mac ? 'Settings…' : 'Settings', 'settings', 'CmdOrCtrl+,');
  const lock = item('Lock', 'lock', 'CmdOrCtrl+Shift+L');
  const separator = { type: 'separator' } as const;
  const appMenu: MenuItemConstructorOptions = {
    label: 'Hypha',
    submenu: [
      item('About Hypha', 'about'),
      separator,
      settings,
      lock,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      item('Quit Hypha', 'quit', 'Cmd+Q'),
    ],
  };
  const fileMenu: MenuItemConstructorOptions = {
    label: 'File',
    submenu: mac ? [{ role: 'close' }] : [settings, lock, separator, { role: 'close' }, item('Quit', 'quit', 'Ctrl+Q')],
  };
  const viewMenu: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      // Shown here, pressed there: the page itself answers the keys.
      { ...item('Commands…', 'palette', 'CmdOrCtrl+K'), registerAccelerator: false },
      separator,
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'resetZoom' },
      separator,
      { role: 'togglefullscreen' },
    ],
  };
  return [
    ...(mac ? [appMenu] : []),
    fileMenu,
    { role: 'editMenu' },
    viewMenu,
    { role: 'windowMenu' },
    { role: 'help', submenu: [item('Commands…', 'palette'), ...(mac ? [] : [item('About Hypha', 'about')])] },
  ];
}

/** Where a menu command leads in the interface; null for those that main does itself. */
export function menuPath(command: MenuCommand): string | null {
  const paths: Readonly<Record<MenuCommand, string | null>> = {
    about: '/settings',
    settings: '/settings',
    palette: null,
    lock: null,
    quit: null,
  };
  return paths[command];
}
