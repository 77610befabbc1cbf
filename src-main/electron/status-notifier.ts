import { execFile } from 'node:child_process';

/**
 * Whether something on this Linux desktop shows tray icons: the owner of the StatusNotifierWatcher name on the session
 * bus (freedesktop StatusNotifierItem). GNOME has none unless an extension brings it. Without `gdbus`: no.
 */
export function trayWatcherRuns(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  const call = [
    'call',
    '--session',
    '--dest=org.freedesktop.DBus',
    '--object-path=/org/freedesktop/DBus',
    '--method=org.freedesktop.DBus.NameHasOwner',
    'org.kde.StatusNotifierWatcher',
  ];
  return new Promise((resolve) => {
    execFile('gdbus', call, { timeout: 1000 }, (error, stdout) => resolve(error === null && stdout.includes('true')));
  });
}
