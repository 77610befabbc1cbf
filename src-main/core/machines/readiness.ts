import type { Console } from './console/console.ts';
import type { MachineContext } from './context.ts';
import type { Live } from './live.ts';

/**
 * Whether the console shows that the guest is up: Hypha Micro's shell prompt (`NAME:~# `) or a login prompt (`NAME login: `) at the
 * end of what it printed. Escape sequences are left out of account.
 */
export function showsPrompt(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of terminals begin with this very character
  const plain = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
  return /(^|\n)[a-z0-9-]+:~# [^\n]*$/.test(plain) || /(^|\n)[^\n]* login: ?[^\n]*$/.test(plain);
}

/** Wait until the guest has answered on its console or over SSH. False when the machine ended or got stuck first, or the signal fired. */
export async function waitReady(
  context: MachineContext,
  live: Live,
  console: Console,
  signal: AbortSignal,
): Promise<boolean> {
  let asking = false;
  let answered = false;
  while (!signal.aborted && !live.hasGone && !live.hasPoweredOff && !live.released && !live.stuck) {
    if (answered || showsPrompt(console.recent())) return true;
    // One question at a time; each may take two seconds when the guest's network is not up.
    if (!asking) {
      asking = true;
      void live.link.sshAnswers().then((yes) => {
        answered ||= yes;
        context.host.setTimer(1_000, () => {
          asking = false;
        });
      });
    }
    await Promise.race([console.more(500), live.gone]);
  }
  return false;
}
