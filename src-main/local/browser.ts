import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

/** The command that opens a page in the person's browser; null where there is no display to open it on. */
export function browserCommand(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] | null {
  if (platform === 'darwin') return ['open'];
  // `start` is a word of cmd.exe, where & and % in a path would mean something; rundll32 takes it as it is.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
}

const pageIn = (home: string) => join(home, 'open.html');

/**
 * Open a one-time link in the browser; false when that cannot be done here. The browser outlives us.
 *
 * The link itself is no argument of any program: every account of this computer can read those (`/proc/PID/cmdline`,
 * `ps`), and whoever is first to use a one-time link has the session. So the browser is given a page in the data
 * directory that only its owner can read, and that page leads on (as Jupyter's `use_redirect_file` does).
 *
 * @param start runs the command; for tests
 */
export async function openInBrowser(
  { home, url }: { home: string; url: string },
  start: (program: string, args: readonly string[]) => Promise<boolean> = startDetached,
): Promise<boolean> {
  const command = browserCommand(process.platform, process.env);
  if (!command) return false;
  const page = pageIn(home);
  await writeFileAtomic(page, redirectPage(url), { mode: 0o600 });
  const [program, ...args] = command;
  return start(program, [...args, page]);
}

/** Take the page away: its link is used by now, or about to be worth nothing. */
export async function removeBrowserPage(home: string): Promise<void> {
  await rm(pageIn(home), { force: true });
}

/** A page that leads to `url` at once, and by a click where the browser does not follow. */
export function redirectPage(url: string): string {
  const safe = url.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${safe}">
<title>Hypha</title>
</head>
<body><p><a href="${safe}">Open Hypha</a></p></body>
</html>
`;
}

function startDetached(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
