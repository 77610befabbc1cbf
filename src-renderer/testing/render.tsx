import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { I18nextProvider } from 'react-i18next';
import { AgentLink } from '../lib/agent/link.ts';
import { type AgentEnvironment, AgentProvider } from '../lib/agent/provider.tsx';
import { createQueryClient, type OfflineStore } from '../lib/agent/query.ts';
import { createI18n } from '../lib/i18n.ts';
import { TooltipProvider } from '../ui/tooltip.tsx';
import type { FakeAgent } from './fake-agent.ts';

/** Show something on a fake agent, in English. Call the returned `end` when done. */
export function renderWith(agent: FakeAgent, children: ReactNode, offline: OfflineStore | null = null) {
  const environment: AgentEnvironment = { link: new AgentLink(agent.open), queries: createQueryClient(), offline };
  const view = render(
    <I18nextProvider i18n={createI18n('en')}>
      <AgentProvider environment={environment}>
        <TooltipProvider>{children}</TooltipProvider>
      </AgentProvider>
    </I18nextProvider>,
  );
  return {
    ...view,
    environment,
    end: () => {
      cleanup();
      environment.queries.clear();
    },
  };
}
