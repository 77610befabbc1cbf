import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { State } from '../../../ui/state.tsx';
import type { UploadTotals } from './queue.ts';
import { UploadSheet } from './upload-sheet.tsx';
import { useUploadQueue, useUploadView } from './use-uploads.ts';

/** What is on its way: how many, how much, how fast, how long. There is always a number. */
export function UploadStrip() {
  const t = useT();
  const queue = useUploadQueue();
  const { totals } = useUploadView();
  const words = useTotalsWords(totals);
  const [open, setOpen] = useState(false);
  if (totals.files === 0) return null;
  const ended = totals.left === 0;
  const allPaused = totals.left > 0 && totals.paused === totals.left;
  return (
    <section
      aria-label={t('vault.upload.title')}
      className="mt-2 shrink-0 rounded-lg border border-line bg-surface-raised px-3.5 py-2"
    >
      <div className="flex items-center gap-x-3 text-sm">
        <span role="status">
          <State tone={words.tone}>{words.headline}</State>
        </span>
        <span className="min-w-0 grow truncate text-ink-soft">{words.detail}</span>
        <Button size="small" tone="quiet" onClick={() => setOpen(true)}>
          {t('vault.upload.showList')}
        </Button>
        {ended ? (
          <IconButton size="small" icon={X} label={t('vault.upload.clear')} onClick={() => queue.clearEnded()} />
        ) : (
          <>
            <IconButton
              size="small"
              icon={allPaused ? Play : Pause}
              label={allPaused ? t('vault.upload.resumeAll') : t('vault.upload.pauseAll')}
              onClick={() => (allPaused ? queue.resumeAll() : queue.pauseAll())}
            />
            <IconButton size="small" icon={X} label={t('vault.upload.cancelAll')} onClick={() => queue.cancelAll()} />
          </>
        )}
      </div>
      {!ended && (
        <div className="mt-1.5">
          <ProgressBar share={totals.bytes === 0 ? 1 : totals.sent / totals.bytes} label={words.headline} />
        </div>
      )}
      <UploadSheet open={open} onOpenChange={setOpen} />
    </section>
  );
}

function useTotalsWords(totals: UploadTotals) {
  const t = useT();
  const format = useFormat();
  const { done, skipped, files, left, failed, rate, held } = totals;
  if (left === 0) {
    const headline =
      failed > 0 ? t('vault.upload.failed', { count: failed }) : t('vault.upload.allDone', { count: done - skipped });
    const tone = failed > 0 ? ('danger' as const) : ('ok' as const);
    const others = skipped > 0 ? [t('vault.upload.skipped', { count: skipped })] : [];
    return { headline, detail: [format.bytes(totals.stored), ...others].join(' · '), tone };
  }
  const amount = t('common.progressOf', { done: format.bytes(totals.sent), total: format.bytes(totals.bytes) });
  const speed = rate === null ? [] : [t('common.perSecond', { value: format.bytes(rate) })];
  const seconds = rate !== null && rate > 0 ? Math.ceil((totals.bytes - totals.sent) / rate) : null;
  const time =
    seconds === null
      ? []
      : seconds < 90
        ? [t('common.secondsLeft', { count: seconds })]
        : seconds < 5400
          ? [t('common.minutesLeft', { count: Math.round(seconds / 60) })]
          : [t('common.hoursLeft', { count: Math.round(seconds / 3600) })];
  const detail = [amount, ...speed, ...time].join(' · ');
  if (held === 'away') return { headline: t('vault.upload.heldAway'), detail, tone: 'attention' as const };
  if (held === 'locked') return { headline: t('vault.upload.heldLocked'), detail, tone: 'attention' as const };
  if (totals.paused === left) return { headline: t('vault.upload.paused'), detail, tone: 'paused' as const };
  const ended = done + failed;
  return { headline: t('vault.upload.running', { done: ended, count: files }), detail, tone: 'active' as const };
}
