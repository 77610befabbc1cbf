import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/panel.tsx';

/** The list of files was lost on this computer, and the places it could be read from are away. The agent looks for them by itself. */
export function WaitingPanel({ missing, onAnew }: { missing: readonly string[]; onAnew: () => void }) {
  const t = useT();
  return (
    <div className="mx-auto flex max-w-[560px] flex-col gap-4 py-6">
      <h2 className="text-lg font-semibold">{t('vault.waiting.title')}</h2>
      <Notice tone="attention">{t(missing.length > 0 ? 'vault.waiting.text' : 'vault.waiting.nothing')}</Notice>
      {missing.length > 0 && (
        <ul aria-label={t('vault.waiting.missing')} className="flex flex-col gap-1 font-mono text-sm break-all">
          {missing.map((place) => (
            <li key={place}>{place}</li>
          ))}
        </ul>
      )}
      <div>
        <Button onClick={onAnew}>{t('vault.waiting.anew')}</Button>
      </div>
    </div>
  );
}
