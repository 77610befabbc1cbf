import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useAgent, useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { saveText } from '../../../lib/save-text.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { toast } from '../../../ui/toast.tsx';
import { MovementRow } from './movement-row.tsx';
import { MovementSheet } from './movement-sheet.tsx';

/** So many are shown at first, and as many more each time. */
const page = 50;
const mostShown = 500;

/** What was sent and what came, newest first, in words; what the list cannot show is said below it. */
export function Movements() {
  const t = useT();
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  const [limit, setLimit] = useState(page);
  const [shown, setShown] = useState<Movement | null>(null);
  const [exporting, setExporting] = useState(false);
  const { data, error, refetch } = useAgentQuery('wallet.movements', { limit }, { keepPrevious: true });
  const movements = data?.movements ?? [];
  const give = async () => {
    setExporting(true);
    try {
      const { csv, more } = await link.connection().client['wallet.exportMovements']({});
      saveText('hypha-movements.csv', csv, 'text/csv');
      if (more) toast.done(t('wallet.movements.exportedSome'));
    } catch (failure) {
      toast.failed(failure, 'wallet.exportMovements failed');
    } finally {
      setExporting(false);
    }
  };
  return (
    <Section
      title={t('wallet.movements.title')}
      actions={
        movements.length > 0 && (
          <Button icon={Download} disabled={!ready} busy={exporting} onClick={() => void give()}>
            {t('wallet.movements.export')}
          </Button>
        )
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-40" />
      ) : movements.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('wallet.movements.empty')}</p>
      ) : (
        <ul aria-label={t('wallet.movements.title')}>
          {movements.map((movement) => (
            <MovementRow key={movement.id} movement={movement} onOpen={() => setShown(movement)} />
          ))}
        </ul>
      )}
      {data?.next != null && limit < mostShown && (
        <Button className="mt-3" onClick={() => setLimit(Math.min(mostShown, limit + 3 * page))}>
          {t('wallet.movements.more')}
        </Button>
      )}
      {data && data.limits.length > 0 && (
        <details className="mt-4 text-sm text-ink-soft">
          <summary className="w-fit rounded-sm">{t('wallet.movements.limits')}</summary>
          <ul className="mt-2 list-disc ps-5">
            {data.limits.map(({ chain, chainName, text }) => (
              <li key={chain}>
                <bdi>{chainName}</bdi>: {text}
              </li>
            ))}
          </ul>
        </details>
      )}
      {shown && (
        <MovementSheet movement={movements.find(({ id }) => id === shown.id) ?? shown} onClose={() => setShown(null)} />
      )}
    </Section>
  );
}
