import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { Frame } from './frame/frame.tsx';
import { NotFound } from './frame/not-found.tsx';
import { PageFault } from './frame/page-fault.tsx';
import { pages } from './pages.ts';

/** Hash history: the same addresses work under app:// and from the daemon, and nothing of them reaches a server log. */
export function createAppRouter() {
  const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
  const routes = pages.map((page) =>
    createRoute({ getParentRoute: () => root, path: page.path, component: page.component }),
  );
  return createRouter({
    routeTree: root.addChildren(routes),
    history: createHashHistory(),
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false,
  });
}
