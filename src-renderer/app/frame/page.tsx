import { Search } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { cx } from '../../ui/cx.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Notices } from './notices.tsx';

export interface PageProps {
  title: string;
  /** Small things before the title: a back link, breadcrumbs. */
  lead?: ReactNode;
  /** The one primary action. */
  action?: ReactNode;
  /** `read` a column for text and forms (720 px), `normal` 1120 px, `full` the whole width. */
  width?: 'read' | 'normal' | 'full';
  /** The content scrolls by itself (long lists, consoles): the page then is exactly as high as the window. */
  fixed?: boolean;
  children: ReactNode;
}

const widths = { read: 'max-w-[760px]', normal: 'max-w-[1120px]', full: '' } as const;

/** The frame of every page: title, search, one action, then the content column. */
export function Page({ title, lead, action, width = 'normal', fixed = false, children }: PageProps) {
  const t = useT();
  const openPalette = useUi((s) => s.setPaletteOpen);
  useEffect(() => {
    document.title = `${title} · Hypha`;
  }, [title]);
  const column = cx('mx-auto w-full px-4 min-[700px]:px-8', widths[width]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="shrink-0">
        <div
          className={cx(
            column,
            'flex h-16 items-center gap-3',
            // On a phone the action goes below a title that it would cut.
            'max-[479px]:h-auto max-[479px]:min-h-16 max-[479px]:flex-wrap max-[479px]:py-3',
          )}
        >
          {lead}
          <h1 className="min-w-0 grow truncate text-xl font-semibold">{title}</h1>
          <button
            type="button"
            onClick={() => openPalette(true)}
            aria-keyshortcuts="Control+K Meta+K"
            className="flex h-8 items-center gap-2 rounded-md border border-line-strong px-2.5 text-sm text-ink-soft hover:bg-hover hover:text-ink"
          >
            <Search aria-hidden className="size-4" strokeWidth={1.75} />
            <span className="max-[899px]:sr-only">{t('frame.search')}</span>
            <span className="hidden min-[900px]:inline">
              <Kbd keys="mod+k" />
            </span>
          </button>
          {action}
        </div>
      </header>
      <div className={cx('min-h-0 grow', !fixed && 'overflow-y-auto')}>
        <div className={cx(column, fixed ? 'flex h-full min-h-0 flex-col pb-3' : 'pb-12')}>
          <Notices />
          {children}
        </div>
      </div>
    </div>
  );
}
