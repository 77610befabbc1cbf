import { RouterProvider } from '@tanstack/react-router';
import type { i18n } from 'i18next';
import { useMemo } from 'react';
import { I18nextProvider } from 'react-i18next';
import { type AgentEnvironment, AgentProvider } from '../lib/agent/provider.tsx';
import { Toaster } from '../ui/toast.tsx';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { Gate } from './gate.tsx';
import { createAppRouter } from './router.tsx';

/** Everything the window shows, given the agent and the words. */
export function App({ environment, i18n }: { environment: AgentEnvironment; i18n: i18n }) {
  const router = useMemo(createAppRouter, []);
  return (
    <I18nextProvider i18n={i18n}>
      <AgentProvider environment={environment}>
        <TooltipProvider>
          <Gate>
            <RouterProvider router={router} />
          </Gate>
          <Toaster />
        </TooltipProvider>
      </AgentProvider>
    </I18nextProvider>
  );
}
