import type { TakenShare } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';

const tones: Record<TakenShare['state'], Tone> = { open: 'ok', expired: 'idle', ended: 'idle', blocked: 'paused' };

/** What others share with the person; Enter or a click looks into it. */
export function TakenList({ shares, onOpen }: { shares: readonly TakenShare[]; onOpen: (id: string) => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const leave = useAgentMutation('vault.leaveShare');
  if (shares.length === 0) return <p className="text-sm text-ink-soft">{t('vault.shares.noneWithMe')}</p>;
  const columns: readonly Column<TakenShare>[] = [
    {
      key: 'name',
      header: t('common.name'),
      cell: (share) => (
        <span className="flex min-w-0 items-center gap-2">
          <FileIcon item={{ kind: share.kind, mime: '' }} />
          <bdi className="truncate">{shownName(share.name)}</bdi>
        </span>
      ),
    },
    { key: 'who', header: t('vault.shares.from'), width: '9rem', cell: ({ who }) => <bdi>{who ?? '–'}</bdi> },
    {
      key: 'access',
      header: t('vault.shares.access'),
      width: '9rem',
      phone: false,
      cell: ({ access }) => t(`vault.shares.accessIs.${access}`),
    },
    {
      key: 'state',
      header: t('vault.shares.state'),
      width: '9rem',
      phone: '3rem',
      cell: ({ state }) => (
        <State small tone={tones[state]}>
          {t(`vault.shares.stateIs.${state}`)}
        </State>
      ),
    },
    {
      key: 'seen',
      header: t('vault.shares.seen'),
      width: '9rem',
      phone: false,
      cell: ({ seenAt }) =>
        seenAt === null ? <span className="text-ink-soft">{t('vault.shares.neverSeen')}</span> : <Time at={seenAt} />,
    },
    {
      key: 'leave',
      header: t('vault.shares.leave'),
      headerHidden: true,
      width: '7rem',
      phone: '6rem',
      align: 'end',
      cell: ({ id, name }) => (
        <Button
          size="small"
          tone="quiet"
          disabled={!ready}
          aria-label={t('vault.shares.leaveNamed', { name: shownName(name) })}
          onClick={(event) => {
            event.stopPropagation();
            leave.mutate({ share: id });
          }}
        >
          {t('vault.shares.leave')}
        </Button>
      ),
    },
  ];
  return (
    <Table
      label={t('vault.shares.withMe')}
      columns={columns}
      rows={shares}
      rowKey={({ id }) => id}
      onOpen={({ id }) => onOpen(id)}
    />
  );
}
