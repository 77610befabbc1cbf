import { useState } from 'react';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useNow } from '../../lib/clock.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { State } from '../../ui/state.tsx';
import { Row } from '../settings/row.tsx';
import { KitDialog } from './kit-dialog.tsx';
import { RehearsalResult } from './rehearsal-result.tsx';
import { RehearseDialog } from './rehearse-dialog.tsx';
import { SharesDialog } from './shares-dialog.tsx';

/** How one gets back when this computer is lost: the kit, shares of the words, and the drill that tries it. */
export function RecoverySettings() {
  const t = useT();
  const format = useFormat();
  const now = useNow();
  const { data: recovery } = useAgentQuery('vault.recovery', {});
  const { data: shares } = useAgentQuery('shares.status', {});
  const [open, setOpen] = useState<'kit' | 'rehearse' | 'shares' | null>(null);
  useWanted('vault.kit', () => setOpen('kit'));
  useWanted('vault.rehearse', () => setOpen('rehearse'));
  useWanted('shares.make', () => setOpen('shares'));
  const close = () => setOpen(null);
  const kit = recovery?.kit ?? null;
  const rehearsal = recovery?.rehearsal ?? null;
  return (
    <>
      <Row
        label={t('recovery.kit.label')}
        hint={
          <>
            <p>{t('recovery.kit.hint')}</p>
            {recovery && !kit && <State tone="attention">{t('recovery.kit.none')}</State>}
            {kit && (
              <p>
                {t('recovery.kit.made', { when: format.relative(kit.madeAt, now), fingerprint: kit.fingerprint })}{' '}
                <State tone={kit.stale ? 'attention' : 'ok'}>
                  {t(kit.stale ? 'recovery.kit.stale' : 'recovery.kit.right')}
                </State>
              </p>
            )}
          </>
        }
      >
        <Button disabled={!recovery} onClick={() => setOpen('kit')}>
          {t('recovery.kit.make')}
        </Button>
      </Row>
      <Row
        label={t('recovery.rehearse.label')}
        hint={
          <>
            <p>{t('recovery.rehearse.hint')}</p>
            {recovery && (
              <p>
                {rehearsal
                  ? t('recovery.rehearse.last', { when: format.relative(rehearsal.at, now) })
                  : t('recovery.rehearse.never')}
              </p>
            )}
          </>
        }
      >
        <Button disabled={!recovery} onClick={() => setOpen('rehearse')}>
          {t('recovery.rehearse.start')}
        </Button>
      </Row>
      {rehearsal && (
        <div className="border-b border-line py-3">
          <RehearsalResult rehearsal={rehearsal} />
        </div>
      )}
      <Row
        label={t('recovery.shares.label')}
        hint={
          <>
            <p>{t('recovery.shares.hint')}</p>
            {shares && (
              <p>
                {shares.made
                  ? t('recovery.shares.made', {
                      when: format.relative(shares.made.at, now),
                      threshold: shares.made.threshold,
                      count: shares.made.count,
                    })
                  : t('recovery.shares.none')}
              </p>
            )}
          </>
        }
      >
        <Button onClick={() => setOpen('shares')}>{t('recovery.shares.make')}</Button>
      </Row>
      {open === 'kit' && <KitDialog onClose={close} />}
      {open === 'rehearse' && <RehearseDialog onClose={close} />}
      {open === 'shares' && <SharesDialog onClose={close} />}
    </>
  );
}
