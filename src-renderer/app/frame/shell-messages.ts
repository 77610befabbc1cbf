import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { coreMessageKind, goMessageKind } from '#shared/contract/hand-over.ts';
import { useAgent } from '../../lib/agent/provider.tsx';

/** The address a message of the shell asks to show, or null. Only addresses of this app: they begin with one slash. */
export function pathOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('kind' in data) || data.kind !== goMessageKind) return null;
  const path = 'path' in data ? data.path : null;
  return typeof path === 'string' && /^\/(?!\/)[\w./$-]*$/.test(path) ? path : null;
}

/** Electron's messages: show a page (deep link, notification, tray), and the core is back after a restart. */
export function useShellMessages(): void {
  const navigate = useNavigate();
  const { link } = useAgent();
  useEffect(() => {
    const onMessage = (event: MessageEvent<unknown>) => {
      if (event.source !== window) return;
      const { data } = event;
      const path = pathOf(data);
      if (path !== null) void navigate({ to: path });
      else if (typeof data === 'object' && data !== null && 'kind' in data && data.kind === coreMessageKind)
        link.retryNow();
    };
    window.addEventListener('message', onMessage);
    return () => window.removeEventListener('message', onMessage);
  }, [navigate, link]);
}
