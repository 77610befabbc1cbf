import type { Route } from '#shared/contract/mesh/index.ts';
import type { MessageKey } from '../../../lib/i18n.ts';
import type { Tone } from '../../../ui/state.tsx';

/** What a route is good for. */
export function routeWords({ cost, direct, selected }: Pick<Route, 'cost' | 'direct' | 'selected'>): {
  tone: Tone;
  word: MessageKey;
} {
  if (cost === null) return { tone: 'attention', word: 'mesh.routes.state.lost' };
  if (!selected) return { tone: 'idle', word: 'mesh.routes.state.spare' };
  return direct ? { tone: 'active', word: 'mesh.routes.state.direct' } : { tone: 'ok', word: 'mesh.routes.state.used' };
}
