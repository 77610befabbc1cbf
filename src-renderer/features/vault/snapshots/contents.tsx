import { RotateCcw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { VaultSnapshot } from '#shared/contract/vault.ts';
import { type Out, useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { LookDialog } from '../look/look-dialog.tsx';
import { LookInto } from '../look/look-into.tsx';
import { BringBackDialog } from './bring-back-dialog.tsx';

type Row = Out<'vault.listSnapshot'>['items'][number];

const tones: Record<Row['now'], Tone> = { same: 'idle', changed: 'attention', binned: 'paused', gone: 'attention' };
const pageRows = 5_000;

/** A folder as it was when the snapshot was taken, what has become of each thing since, and the way back. */
export function Contents({ snapshot, onBack }: { snapshot: VaultSnapshot; onBack: () => void }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [folder, setFolder] = useState('root');
  const [bringing, setBringing] = useState<readonly Row[] | null>(null);
  const [peek, setPeek] = useState<Row | null>(null);
  const check = useAgentMutation('vault.checkSnapshot');
  const { data, error, refetch } = useAgentQuery(
    'vault.listSnapshot',
    { snapshot: snapshot.number, folder, limit: pageRows },
    { keepPrevious: true },
  );
  const rows = data?.items ?? null;
  const when = `${format.date(snapshot.at)}, ${format.time(snapshot.at)}`;
  return (
    <>
      <LookInto
        back={t('vault.snapshots.back')}
        onBack={onBack}
        title={
          <>
            {snapshot.name ? <bdi>{snapshot.name}</bdi> : t('vault.snapshots.number', { number: snapshot.number })}
            <span className="ms-2 font-normal text-ink-soft">{when}</span>
          </>
        }
        path={[{ id: 'root', name: t('vault.nav.files') }, ...(data?.path ?? [])]}
        onGo={setFolder}
        onFile={setPeek}
        actions={(selected) => (
          <>
            <Button
              size="small"
              tone="quiet"
              icon={ShieldCheck}
              disabled={!ready}
              busy={check.isPending}
              onClick={() => check.mutate({ snapshot: snapshot.number })}
            >
              {t('vault.snapshots.check')}
            </Button>
            <Button
              size="small"
              icon={RotateCcw}
              disabled={!ready || rows === null || rows.length === 0}
              onClick={() => setBringing(selected.length > 0 ? selected : rows)}
            >
              {selected.length > 0
                ? t('vault.snapshots.bringSome', { count: selected.length })
                : t('vault.snapshots.bringAll')}
            </Button>
          </>
        )}
        columns={[
          {
            key: 'now',
            header: t('vault.snapshots.now'),
            width: '11rem',
            phone: '3rem',
            cell: ({ now }) => (
              <State small tone={tones[now]}>
                {t(`vault.snapshots.nowIs.${now}`)}
              </State>
            ),
          },
        ]}
        rows={rows}
        total={data?.total ?? 0}
        error={error}
        onRetry={() => void refetch()}
        label={t('vault.snapshots.contents')}
        empty={t('vault.snapshots.nothing')}
      />
      {bringing && <BringBackDialog snapshot={snapshot.number} items={bringing} onClose={() => setBringing(null)} />}
      {peek && (
        <LookDialog
          item={peek}
          from={{ snapshot: snapshot.number }}
          note={t('vault.snapshots.asOf', { when })}
          onClose={() => setPeek(null)}
        />
      )}
    </>
  );
}
