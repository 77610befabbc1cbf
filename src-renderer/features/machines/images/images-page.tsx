import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Image } from '#shared/contract/machines.ts';
import { Page } from '../../../app/frame/page.tsx';
import { useAgentMutation, useAgentQuery, useTask } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { type MessageKey, useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { MachinesNav } from '../list/machines-nav.tsx';
import { useSaid } from '../use-said.ts';

const states: Readonly<Record<Image['state'], readonly [Tone, MessageKey]>> = {
  ready: ['ok', 'machines.images.ready'],
  available: ['idle', 'machines.images.available'],
  downloading: ['active', 'machines.images.downloading'],
  unavailable: ['idle', 'machines.images.unavailable'],
};

/** What a machine can start from: which are here, which can be fetched, which were never tried. */
export function ImagesPage() {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('machines.images', {});
  return (
    <Page title={t('machines.title')}>
      <MachinesNav here="images" />
      <p className="mb-4 max-w-[640px] text-sm text-ink-soft">{t('machines.images.text')}</p>
      {error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton className="h-40" />
      ) : (
        <ul aria-label={t('machines.nav.images')} className="border-t border-line">
          {inOrder(data.images).map((image) => (
            <ImageRow key={image.id} image={image} />
          ))}
        </ul>
      )}
    </Page>
  );
}

const rank: Readonly<Record<Image['state'], number>> = { ready: 0, downloading: 1, available: 2, unavailable: 3 };
/** What can be used at once first, what cannot be used here last. */
const inOrder = (images: readonly Image[]) => [...images].sort((a, b) => rank[a.state] - rank[b.state]);

function ImageRow({ image }: { image: Image }) {
  const t = useT();
  const said = useSaid();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [tone, word] = states[image.state];
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-6 gap-y-2 border-b border-line py-3 text-sm max-[479px]:grid-cols-1">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3">
          <h2 className="text-base font-semibold">{image.name}</h2>
          <State tone={tone}>{t(word)}</State>
        </div>
        <p>{image.about}</p>
        <p className="text-ink-soft">
          {image.arch} · {image.size === null ? t('machines.images.sizeUnknown') : format.bytes(image.size)} ·{' '}
          {t('machines.images.needs', {
            memory: format.bytes(image.minMemoryMiB * 1024 * 1024),
            disk:
              image.minDiskMiB === 0
                ? t('machines.noDisk')
                : t('machines.diskOf', { size: format.bytes(image.minDiskMiB * 1024 * 1024) }),
          })}
        </p>
        {image.detail && <p className="mt-0.5 text-ink-soft">{said(image.detail)}</p>}
        <p className="mt-0.5 text-xs break-all text-ink-soft">
          {t('machines.images.source', { source: image.source })}
        </p>
        <FetchProgress image={image} />
      </div>
      <div className="flex gap-2">
        {image.state === 'available' && <FetchButton image={image} disabled={!ready} />}
        {image.state === 'ready' && image.kind === 'cloud' && <RemoveButton image={image} disabled={!ready} />}
        {image.state === 'ready' && (
          <LinkButton to={`/machines/new?image=${image.id}`}>{t('machines.images.use')}</LinkButton>
        )}
      </div>
    </li>
  );
}

/** Free the space of a download; it can be downloaded again, but that costs time and traffic, so it is asked. */
function RemoveButton({ image, disabled }: { image: Image; disabled: boolean }) {
  const t = useT();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const remove = useAgentMutation('machines.removeImage', {
    done: (_input, { freed }) => t('machines.images.removed', { name: image.name, size: format.bytes(freed) }),
  });
  return (
    <>
      <Button disabled={disabled} onClick={() => setAsking(true)}>
        {t('common.remove')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('machines.images.askRemove', { name: image.name })}
        description={t('machines.images.askRemoveText')}
        action={t('machines.images.remove')}
        onConfirm={() => remove.mutateAsync({ image: image.id })}
      />
    </>
  );
}

function FetchButton({ image, disabled }: { image: Image; disabled: boolean }) {
  const t = useT();
  const fetch = useAgentMutation('machines.fetchImage');
  return (
    <Button
      icon={Download}
      disabled={disabled}
      busy={fetch.isPending}
      onClick={() => fetch.mutate({ image: image.id })}
    >
      {image.kind === 'micro' ? t('machines.images.prepare') : t('machines.images.download')}
    </Button>
  );
}

/** The newest download of this image: a number while it runs, cause and next action when it failed. */
function FetchProgress({ image }: { image: Image }) {
  const t = useT();
  const format = useFormat();
  const { data } = useAgentQuery('tasks.list', {});
  const newest = data?.tasks
    .filter(
      (task) => task.method === 'machines.fetchImage' && (task.input as { image?: unknown } | null)?.image === image.id,
    )
    .sort((a, b) => b.startedAt - a.startedAt)[0];
  const live = useTask(newest?.state === 'running' ? newest.id : null);
  const cancel = useAgentMutation('tasks.cancel');
  const task = live ?? newest;
  if (!task || image.state === 'ready') return null;
  if (task.state === 'failed' && task.failure) {
    return (
      <div className="mt-2">
        <ErrorPanel error={task.failure} />
      </div>
    );
  }
  if (task.state !== 'running') return null;
  const { progress } = task;
  const done = progress ? format.bytes(progress.done) : '';
  return (
    <div className="mt-2 flex max-w-[480px] items-center gap-3" role="status">
      <div className="grow">
        <p className="text-ink-soft">
          {progress?.total
            ? t('common.progressOf', { done, total: format.bytes(progress.total) })
            : (task.step?.text ?? done)}
          {progress?.rate ? ` · ${t('common.perSecond', { value: format.bytes(progress.rate) })}` : ''}
        </p>
        <ProgressBar
          share={progress?.total ? progress.done / progress.total : null}
          label={t('machines.images.downloading')}
        />
      </div>
      <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate({ task: task.id })}>
        {t('common.cancel')}
      </Button>
    </div>
  );
}
