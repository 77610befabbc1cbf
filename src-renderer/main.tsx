import './ui/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ShellBridge } from '#shared/contract/hand-over.ts';
import { pickLanguage } from '#shared/i18n/index.ts';
import { App } from './app/app.tsx';
import { warmUp } from './app/lazy-page.ts';
import { AgentLink } from './lib/agent/link.ts';
import { openPort, openWebSocket } from './lib/agent/open.ts';
import { createQueryClient } from './lib/agent/query.ts';
import { obtainSession, type SessionWorld, takeToken } from './lib/agent/session.ts';
import { createI18n } from './lib/i18n.ts';
import { OfflineCache } from './offline/cache.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload script; absent in a browser. */
    hyphaShell?: ShellBridge;
  }
}

const world: SessionWorld = {
  location: window.location,
  history: window.history,
  storage: window.sessionStorage,
  fetch: (url, init) => window.fetch(url, init),
};
// Before the router looks at the fragment, and only once: a token is spent by its first use.
let token = takeToken(world);
const session = async () => {
  const once = token;
  token = null;
  return obtainSession(world, once);
};

const root = document.getElementById('root');
if (root) {
  const open = window.hyphaShell ? openPort(window.hyphaShell) : openWebSocket(session);
  const environment = { link: new AgentLink(open), queries: createQueryClient(), offline: new OfflineCache() };
  const i18n = createI18n(pickLanguage('system', navigator.languages));
  createRoot(root).render(
    <StrictMode>
      <App environment={environment} i18n={i18n} />
    </StrictMode>,
  );
  // After the first answers are on the screen, and never in the way of a key or a click.
  // Safari has no requestIdleCallback.
  const idle = (then: () => void) =>
    'requestIdleCallback' in window ? void requestIdleCallback(then, { timeout: 5000 }) : void setTimeout(then, 200);
  setTimeout(() => warmUp(idle), 1500);
}
