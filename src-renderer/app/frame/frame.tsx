import { Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { TasksDrawer } from '../../features/tasks/tasks-drawer.tsx';
import { useT } from '../../lib/i18n.ts';
import { Palette } from '../palette/palette.tsx';
import { BottomTabs } from './bottom-tabs.tsx';
import { Rail } from './rail.tsx';
import { useShortcuts } from './shortcuts.ts';
import { StatusStrip } from './status-strip.tsx';

/** Rail, page, status strip. Below 700 px the rail becomes tabs at the bottom. */
export function Frame() {
  const t = useT();
  useShortcuts();
  return (
    <div className="flex h-full flex-col">
      {/* A button: the fragment is the router's, so a link to #main would leave the page. */}
      <button
        type="button"
        onClick={() => document.getElementById('main')?.focus()}
        className="sr-only z-50 rounded-md bg-surface-raised px-3 py-2 text-sm shadow-float focus:not-sr-only focus:fixed focus:start-3 focus:top-3"
      >
        {t('frame.skip')}
      </button>
      <div className="flex min-h-0 grow">
        <Rail />
        <main id="main" tabIndex={-1} className="min-w-0 grow outline-none">
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <StatusStrip />
      <BottomTabs />
      <Palette />
      <TasksDrawer />
    </div>
  );
}
