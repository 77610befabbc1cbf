import { spawn } from 'node:child_process';

/** The command that opens a URL in the person's browser; null where there is no display to open it on. */
export function browserCommand(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] | null {
  if (platform === 'darwin') return ['open'];
  // `start` is a word of cmd.exe, where & and % in a URL would mean something; rundll32 takes the URL as it is.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
}

/** Open a URL in the browser; false when that cannot be done here. The browser outlives us. */
export function openInBrowser(url: string): Promise<boolean> {
  const command = browserCommand(process.platform, process.env);
  if (!command) return Promise.resolve(false);
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
