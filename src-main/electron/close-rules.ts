export interface CloseFacts {
  readonly quitting: boolean;
  /** A tray icon that the person can really see (GNOME shows none without an extension). */
  readonly tray: boolean;
  readonly platform: NodeJS.Platform;
  /** The person has been told once that closing hides. */
  readonly told: boolean;
  /** What was chosen when asked on a desktop without a tray. */
  readonly withoutTray: 'hide' | 'quit' | null;
}

/**
 * What closing the window does. "Quit" stops the core after flushing; "close" hides the window where there is a way
 * back to it. Without a tray the app would live on unseen, so the person is asked once.
 */
export function onClose(facts: CloseFacts): 'close' | 'hide' | 'hide and tell' | 'ask' | 'quit' {
  if (facts.quitting) return 'close';
  // The Dock keeps the app in sight.
  if (facts.platform === 'darwin') return 'hide';
  if (facts.tray) return facts.told ? 'hide' : 'hide and tell';
  return facts.withoutTray ?? 'ask';
}

/** Whether `--hidden` (start with the session) may be obeyed: without a tray nobody would know that it runs. */
export function mayStartHidden(asked: boolean, tray: boolean, platform: NodeJS.Platform): boolean {
  return asked && (tray || platform === 'darwin');
}

/** Desktops that show no tray unless an extension brings it (gnome-shell's StatusNotifier support was never built in). */
export function hasTray(platform: NodeJS.Platform, desktop: string | undefined, watcherRuns: boolean): boolean {
  if (platform !== 'linux') return true;
  const names = (desktop ?? '').toLowerCase().split(':');
  return names.includes('gnome') ? watcherRuns : desktop !== undefined && desktop !== '';
}
