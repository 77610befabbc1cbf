import { Camera, MoreHorizontal } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { type Machine, snapshotSchema } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ConfirmDialog, Dialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { Time } from '../../../ui/time.tsx';
import { calledBy } from '../machine/address.ts';
import { branchOf, suggestSnapshotName } from './branch.ts';

type Asking = { kind: 'restore' | 'delete'; name: string } | null;

/** The machine's life as a line: now at the top, what was kept below it. */
export function SnapshotsTab({ machine }: { machine: Machine }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [making, setMaking] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);
  const restore = useAgentMutation('machines.restoreSnapshot');
  const remove = useAgentMutation('machines.deleteSnapshot');
  const { spec, snapshots } = machine;
  if (spec.diskMiB === 0 && snapshots.length === 0 && spec.image.startsWith('micro')) {
    return <EmptyState title={t('machines.snapshots.noDisk')}>{t('machines.snapshots.noDiskText')}</EmptyState>;
  }
  const points = branchOf(snapshots);
  return (
    <div className="flex max-w-[760px] flex-col gap-4">
      <div>
        <Button icon={Camera} disabled={!ready} onClick={() => setMaking(true)}>
          {t('machines.snapshots.make')}
        </Button>
      </div>
      <ol className="flex flex-col text-sm">
        {points.map(({ key, snapshot }, i) => (
          <li key={key} className="relative flex min-h-12 items-center gap-4 ps-8">
            <span
              aria-hidden
              className="absolute start-[9px] w-0.5 bg-line"
              style={{ top: i === 0 ? '50%' : 0, bottom: i === points.length - 1 ? '50%' : 0 }}
            />
            <span
              aria-hidden
              className={
                snapshot === null
                  ? 'absolute start-0.5 size-4 rounded-full border-2 border-accent bg-accent'
                  : 'absolute start-1 size-3 rounded-full border-2 border-accent bg-surface'
              }
            />
            {snapshot === null ? (
              <span className="font-medium">{t('machines.snapshots.now')}</span>
            ) : (
              <>
                <div className="min-w-0 grow">
                  <bdi className="block truncate">{snapshot.name}</bdi>
                  <span className="text-ink-soft">
                    <Time at={snapshot.at} /> · {format.bytes(snapshot.size)} ·{' '}
                    {snapshot.memory ? t('machines.snapshots.withMemory') : t('machines.snapshots.diskOnly')}
                  </span>
                </div>
                <Button
                  size="small"
                  disabled={!ready}
                  onClick={() => setAsking({ kind: 'restore', name: snapshot.name })}
                >
                  {t('machines.snapshots.restore')}
                </Button>
                <Menu
                  items={[
                    {
                      label: t('machines.snapshots.delete'),
                      danger: true,
                      disabled: !ready,
                      onSelect: () => setAsking({ kind: 'delete', name: snapshot.name }),
                    },
                  ]}
                >
                  <IconButton
                    size="small"
                    icon={MoreHorizontal}
                    label={t('machines.action.more', { name: snapshot.name })}
                  />
                </Menu>
              </>
            )}
          </li>
        ))}
      </ol>
      {snapshots.length === 0 && <p className="text-sm text-ink-soft">{t('machines.snapshots.none')}</p>}
      {making && <MakeDialog machine={machine} onClose={() => setMaking(false)} />}
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={t(asking?.kind === 'delete' ? 'machines.snapshots.askDelete' : 'machines.snapshots.askRestore', {
          name: asking?.name ?? '',
        })}
        description={t(
          asking?.kind === 'delete' ? 'machines.snapshots.askDeleteText' : 'machines.snapshots.askRestoreText',
        )}
        action={t(asking?.kind === 'delete' ? 'machines.snapshots.delete' : 'machines.snapshots.restore')}
        onConfirm={() =>
          asking &&
          (asking.kind === 'delete' ? remove : restore).mutateAsync({ machine: calledBy(machine), name: asking.name })
        }
      />
    </div>
  );
}

function MakeDialog({ machine, onClose }: { machine: Machine; onClose: () => void }) {
  const t = useT();
  const taken = machine.snapshots.map((snapshot) => snapshot.name);
  const [name, setName] = useState(() => suggestSnapshotName(new Date(), taken));
  const [tried, setTried] = useState(false);
  const make = useAgentMutation('machines.snapshot', { onDone: onClose });
  const wrong = taken.includes(name)
    ? t('machines.snapshots.taken')
    : snapshotSchema.shape.name.safeParse(name).error?.issues[0]?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong) make.mutate({ machine: calledBy(machine), name });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="narrow"
      title={t('machines.snapshots.make')}
      description={t('machines.snapshots.makeText', { name: machine.spec.name })}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="make-snapshot" busy={make.isPending}>
            {t('machines.snapshots.make')}
          </Button>
        </>
      }
    >
      <form id="make-snapshot" noValidate onSubmit={submit}>
        <Field label={t('common.name')} error={tried ? wrong : undefined}>
          {(control) => <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}
