import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BrowserWindow, dialog, Notification } from 'electron';
import { onClose } from './close-rules.ts';

/** Obey close-rules.ts: hide, tell once, ask where there is no tray, or let the window go. */
export function closeWindow(
  event: { preventDefault(): void },
  window: BrowserWindow,
  facts: { quitting: boolean; tray: boolean; folder: string; quit: () => void },
): void {
  const toldFile = path.join(facts.folder, 'told-close-hides');
  const choiceFile = path.join(facts.folder, 'close-without-tray');
  const decision = onClose({
    quitting: facts.quitting,
    tray: facts.tray,
    platform: process.platform,
    told: existsSync(toldFile),
    withoutTray: readChoice(choiceFile),
  });
  if (decision === 'close') return;
  event.preventDefault();
  if (decision === 'quit') facts.quit();
  else if (decision === 'ask') ask(window, choiceFile, facts.quit);
  else window.hide();
  if (decision === 'hide and tell') {
    writeSmall(toldFile, '');
    new Notification({
      title: 'Hypha goes on running',
      body: 'Closing the window hides it. Use “Quit” in the tray to stop Hypha.',
    }).show();
  }
}

function ask(window: BrowserWindow, choiceFile: string, quit: () => void): void {
  const answer = dialog.showMessageBoxSync(window, {
    type: 'question',
    message: 'When the window is closed, quit Hypha or keep it running?',
    detail:
      'This desktop shows no tray icon. Kept running, Hypha stays out of sight; open it again to see it. Machines go on either way. You are asked only once.',
    buttons: ['Quit', 'Keep running', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  if (answer === 2) return;
  writeSmall(choiceFile, answer === 0 ? 'quit' : 'hide');
  if (answer === 0) quit();
  else window.hide();
}

function readChoice(file: string): 'hide' | 'quit' | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === 'hide' || text === 'quit' ? text : null;
  } catch {
    return null;
  }
}

/** Being asked or told once more is the worst that a failure here brings. */
function writeSmall(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    // see above
  }
}
