import { useEffect } from 'react';

/**
 * While `on`, a browser asks before it leaves or reloads the page. Not in the app's own window: Electron would not ask
 * but refuse to close, without a word.
 */
export function useUnloadQuestion(on: boolean): void {
  useEffect(() => {
    if (!on || window.hyphaShell) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [on]);
}
