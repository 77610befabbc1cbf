import '../ui/styles.css';
import { createRoot } from 'react-dom/client';
import { App } from '../app/app.tsx';
import { AgentLink } from '../lib/agent/link.ts';
import { createQueryClient } from '../lib/agent/query.ts';
import { createI18n } from '../lib/i18n.ts';
import { play, scenes } from './scenes.ts';

/*
 * The whole interface on a fake agent, for looking at states that are hard to bring about: `npx vite` and open
 * /testing/stage.html?scene=risk&theme=dark&language=pseudo#/activity. Not part of the build.
 */
const asked = new URLSearchParams(window.location.search);
const scene = scenes[asked.get('scene') ?? 'home'] ?? scenes.home;
const root = document.getElementById('root');
if (root && scene) {
  const given = scene();
  const theme = asked.get('theme') as 'light' | 'dark' | 'contrast' | null;
  const language = asked.get('language') as 'en' | 'de' | 'pseudo' | null;
  const agent = play({
    ...given,
    settings: { ...given.settings, ...(theme ? { theme } : {}), ...(language ? { language } : {}) },
  });
  if (asked.has('rtl')) document.documentElement.dir = 'rtl';
  const environment = { link: new AgentLink(agent.open), queries: createQueryClient(), offline: null };
  createRoot(root).render(<App environment={environment} i18n={createI18n(language ?? 'en')} />);
  // For tests that need the agent to go away.
  Object.assign(window, { stageAgent: agent });
}
