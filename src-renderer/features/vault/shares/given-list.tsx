import { useState } from 'react';
import type { GivenShare } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';

const tones: Record<GivenShare['state'], Tone> = {
  open: 'ok',
  waiting: 'waiting',
  blocked: 'paused',
  expired: 'idle',
  ended: 'idle',
};

/** What the person shares, with whom and until when; and taking it back. */
export function GivenList({ shares }: { shares: readonly GivenShare[] }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [asking, setAsking] = useState<GivenShare | null>(null);
  const revoke = useAgentMutation('vault.revoke');
  const change = useAgentMutation('vault.changeShare');
  if (shares.length === 0) return <p className="text-sm text-ink-soft">{t('vault.shares.noneByMe')}</p>;
  const columns: readonly Column<GivenShare>[] = [
    {
      key: 'name',
      header: t('common.name'),
      cell: ({ kind, name, path }) => (
        <span className="flex min-w-0 items-center gap-2">
          <FileIcon item={{ kind, mime: '' }} />
          <bdi className="truncate" title={path ?? undefined}>
            {shownName(name)}
          </bdi>
        </span>
      ),
    },
    { key: 'who', header: t('vault.shares.with'), width: '9rem', cell: ({ who }) => <bdi>{who ?? '–'}</bdi> },
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
      cell: ({ state, path }) => (
        <State small tone={path === null ? 'attention' : tones[state]}>
          {path === null && state === 'open' ? t('vault.shares.gone') : t(`vault.shares.stateIs.${state}`)}
        </State>
      ),
    },
    {
      key: 'until',
      header: t('vault.shares.until'),
      width: '8rem',
      phone: false,
      cell: ({ expires }) => (expires === null ? t('vault.shares.endless') : format.date(expires)),
    },
    {
      key: 'actions',
      header: t('vault.shares.revoke'),
      headerHidden: true,
      width: '16rem',
      phone: '8rem',
      align: 'end',
      cell: (share) => (
        <span className="inline-flex gap-1">
          <Button
            size="small"
            tone="quiet"
            disabled={!ready || change.isPending}
            onClick={() => change.mutate({ share: share.id, access: share.access === 'read' ? 'write' : 'read' })}
          >
            {t(share.access === 'read' ? 'vault.shares.letChange' : 'vault.shares.letRead')}
          </Button>
          <Button size="small" tone="quiet" disabled={!ready} onClick={() => setAsking(share)}>
            {t('vault.shares.revoke')}
          </Button>
        </span>
      ),
    },
  ];
  return (
    <>
      <Table label={t('vault.shares.byMe')} columns={columns} rows={shares} rowKey={({ id }) => id} />
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={t('vault.shares.askRevoke', { name: shownName(asking?.name ?? ''), who: asking?.who ?? '–' })}
        description={t('vault.shares.askRevokeText')}
        action={t('vault.shares.revoke')}
        onConfirm={() => (asking ? revoke.mutateAsync({ share: asking.id }) : Promise.resolve())}
      />
    </>
  );
}
