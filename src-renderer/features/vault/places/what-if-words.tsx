import type { VaultStatus } from '#shared/contract/vault.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { State } from '../../../ui/state.tsx';
import type { WhatIf } from './what-if.ts';

/** What the imagining comes to, in words. Announced as it changes. */
export function WhatIfWords({
  imagined,
  result,
  status,
  onReset,
}: {
  imagined: number;
  result: WhatIf;
  status: VaultStatus;
  onReset: () => void;
}) {
  const t = useT();
  return (
    <div className="flex min-h-32 flex-col items-start gap-3 text-sm">
      <div role="status" className="flex flex-col gap-1">
        {imagined === 0 ? (
          <>
            {/* With files unreadable already, the notice above says what is true; a promise about further losses would not be. */}
            {status.damaged === 0 && (
              <p className="font-medium">{t('vault.whatIf.now', { count: status.survivesPlaces })}</p>
            )}
            {status.devices === 1 && <p>{t('vault.places.oneDeviceText')}</p>}
            {status.devices > 1 && status.safety === 'only-here' && <p>{t('vault.places.mostlyOneDeviceText')}</p>}
            <p className="text-ink-soft">{t('vault.whatIf.try')}</p>
          </>
        ) : (
          <>
            <State
              tone={result.reads === 'all' ? 'ok' : result.reads === 'some' ? 'danger' : 'failed'}
              className="font-medium whitespace-normal!"
            >
              {t(`vault.whatIf.${result.reads}`, { count: imagined })}
            </State>
            <p className="text-ink-soft">
              {result.reads === 'all'
                ? t('vault.whatIf.spare', { count: result.spare })
                : t('vault.whatIf.why', { left: result.left, needed: status.profile.k, count: result.left })}
            </p>
          </>
        )}
      </div>
      {imagined > 0 && <Button onClick={onReset}>{t('vault.whatIf.reset')}</Button>}
    </div>
  );
}
