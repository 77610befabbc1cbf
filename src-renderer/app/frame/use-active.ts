import { useRouterState } from '@tanstack/react-router';

/** Whether a room is the one shown, its inner pages included. */
export function isActive(room: string, path: string): boolean {
  if (room === '/') return path === '/' || path === '';
  return path === room || path.startsWith(`${room}/`);
}

/** `aria-current` for a room's link: not the router's own, which misses Home at the bare address. */
export function useCurrent(): (room: string) => 'page' | undefined {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (room) => (isActive(room, path) ? 'page' : undefined);
}
