// biome-ignore-all lint/a11y/useSemanticElements: what scrolls is a group with a name, not a form fieldset
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
import { useVirtualizer } from '@tanstack/react-virtual';
import { Pause, Play, RotateCcw, X } from 'lucide-react';
import { useRef } from 'react';
import { useFailureText } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { type MessageKey, useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { shownName } from '../browse/shown-name.ts';
import { isEnded, type UploadJob, type UploadState } from './job.ts';
import { useUploadQueue, useUploadView } from './use-uploads.ts';

const words: Readonly<Record<UploadState, readonly [Tone, MessageKey]>> = {
  waiting: ['waiting', 'vault.upload.state.waiting'],
  sending: ['active', 'vault.upload.state.sending'],
  held: ['waiting', 'vault.upload.state.held'],
  paused: ['paused', 'vault.upload.state.paused'],
  done: ['ok', 'vault.upload.state.done'],
  skipped: ['idle', 'vault.upload.state.skipped'],
  failed: ['failed', 'vault.upload.state.failed'],
  cancelled: ['idle', 'vault.upload.state.cancelled'],
};
const rowHeight = 68;

/** Every file on its way, each with its own pause, cancel and try-again. */
export function UploadSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const queue = useUploadQueue();
  const { totals } = useUploadView();
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('vault.upload.title')}
      width="wide"
      footer={
        <>
          {totals.failed > 0 && <Button onClick={() => queue.retryFailed()}>{t('vault.upload.retryFailed')}</Button>}
          <Button onClick={() => queue.clearEnded()}>{t('vault.upload.clear')}</Button>
        </>
      }
    >
      <Jobs />
    </Sheet>
  );
}

function Jobs() {
  const t = useT();
  const { jobs } = useUploadView();
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="group"
      aria-label={t('vault.upload.title')}
      className="h-full overflow-y-auto"
    >
      <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const job = jobs[index];
          return job && <JobRow key={job.id} job={job} top={start} version={`${job.state}${job.sent}`} />;
        })}
      </ul>
    </div>
  );
}

function JobRow({ job, top }: { job: UploadJob; top: number; version: string }) {
  const t = useT();
  const format = useFormat();
  const failureText = useFailureText();
  const queue = useUploadQueue();
  const [tone, word] = words[job.state];
  const path = shownName(job.source.path.join('/'));
  const { size } = job.source.bytes;
  const failure = job.failure && failureText(job.failure);
  return (
    <li
      className="absolute inset-x-0 top-0 flex items-center gap-2 border-b border-line px-5 text-sm"
      style={{ height: rowHeight, transform: `translateY(${top}px)` }}
    >
      <div className="min-w-0 grow">
        <bdi className="block truncate">{path}</bdi>
        <div className="flex items-center gap-3 text-ink-soft">
          <State tone={tone}>{t(word)}</State>
          <span className="truncate" title={failure?.next}>
            {failure
              ? [failure.message, failure.next].filter(Boolean).join(' ')
              : isEnded(job.state)
                ? format.bytes(size)
                : t('common.progressOf', { done: format.bytes(job.sent), total: format.bytes(size) })}
          </span>
        </div>
        {!isEnded(job.state) && job.sent > 0 && <ProgressBar share={size === 0 ? 1 : job.sent / size} label={path} />}
      </div>
      {(job.state === 'waiting' || job.state === 'sending') && (
        <IconButton
          icon={Pause}
          label={t('vault.upload.pauseOne', { name: path })}
          onClick={() => queue.pause(job.id)}
        />
      )}
      {job.state === 'paused' && (
        <IconButton
          icon={Play}
          label={t('vault.upload.resumeOne', { name: path })}
          onClick={() => queue.resume(job.id)}
        />
      )}
      {(job.state === 'failed' || job.state === 'cancelled') && (
        <IconButton
          icon={RotateCcw}
          label={t('vault.upload.retryOne', { name: path })}
          onClick={() => queue.retry(job.id)}
        />
      )}
      {!isEnded(job.state) && (
        <IconButton icon={X} label={t('vault.upload.cancelOne', { name: path })} onClick={() => queue.cancel(job.id)} />
      )}
    </li>
  );
}
