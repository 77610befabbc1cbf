import type { LucideIcon } from 'lucide-react';
import type { FunctionComponent } from 'react';
import type { MessageKey } from '../lib/i18n.ts';

/** One page of the app. A room's pages are a list in its `features/<room>/pages.ts`; `app/pages.ts` gathers the lists. */
export interface Page {
  /** Hash path; `$name` is a parameter, read with `useParams({ strict: false })`. */
  path: string;
  /** Best `lazyPage(…)`: the first paint should carry Home alone. */
  component: FunctionComponent;
  title: MessageKey;
  /** Shown in the left rail and, on phones, in the bottom tabs. Pages without it are reached from others. */
  rail?: { icon: LucideIcon; order: number };
}
