import { Link } from '@tanstack/react-router';
import { Lock, PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { railPages } from '../pages.ts';
import { useCurrent } from './use-active.ts';

/** The rooms, and at the foot whose agent this is, with the lock. */
export function Rail() {
  const t = useT();
  const current = useCurrent();
  const collapsed = useUi((s) => s.railCollapsed);
  const setCollapsed = useUi((s) => s.setRailCollapsed);
  return (
    <nav
      aria-label={t('frame.rooms')}
      className={cx(
        'hidden shrink-0 flex-col border-e border-line bg-surface-sunk min-[700px]:flex',
        collapsed ? 'w-14' : 'w-52',
      )}
    >
      <div className={cx('flex h-16 items-center', collapsed ? 'justify-center' : 'justify-between ps-5 pe-2.5')}>
        {!collapsed && <span className="text-base font-semibold">{t('frame.name')}</span>}
        <IconButton
          className="rtl:-scale-x-100"
          icon={collapsed ? PanelLeftOpen : PanelLeftClose}
          label={collapsed ? t('frame.expandRail') : t('frame.collapseRail')}
          onClick={() => setCollapsed(!collapsed)}
        />
      </div>
      <ul className="flex grow flex-col gap-0.5 overflow-y-auto px-2.5">
        {railPages.map((page, i) => (
          <li key={page.path}>
            <Tooltip text={t(page.title)} keys={`alt+${i + 1}`}>
              <Link
                to={page.path}
                aria-current={current(page.path)}
                aria-label={collapsed ? t(page.title) : undefined}
                className={cx(
                  'flex h-9 items-center gap-3 rounded-md text-sm text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink',
                  collapsed ? 'justify-center' : 'px-2.5',
                )}
              >
                <page.rail.icon aria-hidden className="size-4.5 shrink-0" strokeWidth={1.75} />
                {!collapsed && <span className="truncate">{t(page.title)}</span>}
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Foot collapsed={collapsed} />
    </nav>
  );
}

function Foot({ collapsed }: { collapsed: boolean }) {
  const t = useT();
  const { data } = useAgentQuery('identity.status', {});
  const lock = useAgentMutation('identity.lock');
  if (!data?.person) return null;
  return (
    <div className={cx('flex items-center gap-2 border-t border-line p-2.5', collapsed && 'flex-col')}>
      <Link
        to="/settings/$section"
        params={{ section: 'identity' }}
        aria-label={t('frame.identityOf', { name: data.person.name })}
        className={cx('flex min-w-0 items-center gap-2.5 rounded-md p-1 hover:bg-hover', !collapsed && 'grow')}
      >
        <IdentityMark id={data.person.id} />
        {!collapsed && <span className="truncate text-sm">{data.person.name}</span>}
      </Link>
      <IconButton icon={Lock} label={t('frame.lock')} onClick={() => lock.mutate({})} disabled={lock.isPending} />
    </div>
  );
}
