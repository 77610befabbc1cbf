import { HardDriveDownload, MoreHorizontal, Plus, ShieldCheck, Wrench } from 'lucide-react';
import { useState } from 'react';
import type { Place, VaultStatus } from '#shared/contract/vault.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { Notice, Section } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { AskedRooms } from '../rooms/asked-rooms.tsx';
import { SafetyLine } from '../safety-line.tsx';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { ZstorSection } from '../zstor/zstor-section.tsx';
import { AddPlaceDialog } from './add-place.tsx';
import { ChangePlaceDialog } from './change-place.tsx';
import { Domains } from './domains.tsx';
import { DurabilityMap } from './durability-map.tsx';
import { PlaceProblems, usePlaceMeaning } from './place-problems.tsx';
import { placeWords } from './place-words.ts';
import { UpkeepSection } from './upkeep-section.tsx';
import { whatIf } from './what-if.ts';
import { WhatIfWords } from './what-if-words.tsx';

/** Servers are asked how they are while somebody looks; otherwise only every ten minutes. */
const lookMs = 30_000;

export function PlacesPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [adding, setAdding] = useState(false);
  return (
    <VaultGate
      action={
        <Button tone="primary" icon={Plus} disabled={!ready} onClick={() => setAdding(true)}>
          {t('vault.places.add')}
        </Button>
      }
    >
      {(status) => (
        <>
          <VaultNav here="places" />
          <SafetyLine status={status} link={false} />
          <Places status={status} ready={ready} />
          {adding && <AddPlaceDialog onClose={() => setAdding(false)} />}
        </>
      )}
    </VaultGate>
  );
}

type Started = { task: TaskId; kind: 'verify' | 'repair' | 'remove' } | null;

function Places({ status, ready }: { status: VaultStatus; ready: boolean }) {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('vault.places', {}, { everyMs: lookMs });
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  const [started, setStarted] = useState<Started>(null);
  const [removing, setRemoving] = useState<Place | null>(null);
  const [changing, setChanging] = useState<Place | null>(null);
  const verify = useAgentMutation('vault.verify', { onDone: ({ task }) => setStarted({ task, kind: 'verify' }) });
  const repair = useAgentMutation('vault.repair', { onDone: ({ task }) => setStarted({ task, kind: 'repair' }) });
  const remove = useAgentMutation('vault.removePlace', { onDone: ({ task }) => setStarted({ task, kind: 'remove' }) });
  const outcome = useOutcome();
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  const places = data?.places ?? [];
  const toggle = (ids: readonly string[]) => {
    const next = new Set(away);
    const back = ids.every((id) => next.has(id));
    for (const id of ids) {
      if (back) next.delete(id);
      else next.add(id);
    }
    setAway(next);
  };
  const hurt = status.missingShards > 0 || places.some((place) => place.health === 'missing');
  return (
    <div className="flex flex-col gap-6">
      {hurt && (
        <Notice
          tone="attention"
          action={
            <Button icon={Wrench} disabled={!ready} busy={repair.isPending} onClick={() => repair.mutate({})}>
              {t('vault.places.repair')}
            </Button>
          }
        >
          <p className="font-medium">{t('vault.places.hurt', { count: status.missingShards })}</p>
          <p>
            {status.damaged > 0 ? t('vault.places.hurtDamaged', { count: status.damaged }) : t('vault.places.hurtText')}
          </p>
        </Notice>
      )}
      <Section
        title={t('vault.places.map')}
        note={t('vault.places.mapNote', { k: status.profile.k, count: status.profile.k + status.profile.m })}
      >
        <div className="grid grid-cols-1 gap-x-8 gap-y-4 min-[1000px]:grid-cols-[minmax(0,1fr)_20rem]">
          <DurabilityMap places={places} away={away} onToggle={toggle} />
          <div className="flex flex-col gap-4">
            <WhatIfWords
              imagined={away.size}
              result={whatIf(places, status, away)}
              status={status}
              onReset={() => setAway(new Set())}
            />
            <Domains status={status} places={places} onImagine={(ids) => setAway(new Set(ids))} />
          </div>
        </div>
      </Section>
      <Section
        title={t('vault.places.list')}
        actions={
          <>
            <Button icon={ShieldCheck} disabled={!ready} busy={verify.isPending} onClick={() => verify.mutate({})}>
              {t('vault.places.verify')}
            </Button>
            {!hurt && (
              <Button icon={Wrench} disabled={!ready} busy={repair.isPending} onClick={() => repair.mutate({})}>
                {t('vault.places.repair')}
              </Button>
            )}
          </>
        }
      >
        {started && (
          <div className="pb-3">
            <TaskPanel key={started.task} id={started.task} outcome={(result) => outcome(started.kind, result)} />
          </div>
        )}
        <PlaceProblems places={places} />
        <PlaceTable places={places} ready={ready} onChange={setChanging} onRemove={setRemoving} />
      </Section>
      <UpkeepSection places={places} ready={ready} />
      <AskedRooms ready={ready} />
      <ZstorSection ready={ready} />
      {changing && <ChangePlaceDialog place={changing} onClose={() => setChanging(null)} />}
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={t('vault.places.askRemove', { name: removing?.name ?? '' })}
        description={t('vault.places.askRemoveText')}
        action={t('vault.places.remove')}
        onConfirm={() => removing && remove.mutateAsync({ place: removing.id })}
      />
    </div>
  );
}

/** How a task on the places came out, in words, and whether all is well now. */
function useOutcome() {
  const t = useT();
  return (kind: NonNullable<Started>['kind'], result: unknown): { good: boolean; text: string } => {
    if (kind === 'verify') {
      const r = result as Out<'vault.verify'>;
      const bad = r.missing + r.corrupt;
      return bad === 0
        ? { good: true, text: t('vault.outcome.verified', { count: r.checked }) }
        : { good: false, text: t('vault.outcome.verifiedBad', { checked: r.checked, count: bad }) };
    }
    if (kind === 'repair') {
      const r = result as Out<'vault.repair'>;
      return r.unrepairable === 0
        ? { good: true, text: t('vault.outcome.repaired', { count: r.rebuilt }) }
        : { good: false, text: t('vault.outcome.repairedNot', { rebuilt: r.rebuilt, count: r.unrepairable }) };
    }
    return { good: true, text: t('vault.outcome.removed', { count: (result as Out<'vault.removePlace'>).moved }) };
  };
}

function PlaceTable({
  places,
  ready,
  onChange,
  onRemove,
}: {
  places: readonly Place[];
  ready: boolean;
  onChange: (place: Place) => void;
  onRemove: (place: Place) => void;
}) {
  const t = useT();
  const format = useFormat();
  const meaning = usePlaceMeaning();
  return (
    <Table
      label={t('vault.places.list')}
      rows={places}
      rowKey={(place) => place.id}
      columns={[
        {
          key: 'name',
          header: t('common.name'),
          cell: (place) => (
            <span className="flex min-w-0 items-center gap-2" title={place.path}>
              <HardDriveDownload aria-hidden className="size-4 shrink-0 text-ink-soft" strokeWidth={1.75} />
              <bdi className="shrink-0">{place.name}</bdi>
              <bdi className="truncate text-xs text-ink-soft">{place.path}</bdi>
            </span>
          ),
        },
        {
          key: 'device',
          header: t('vault.places.device'),
          width: '11rem',
          wideOnly: true,
          cell: (p) => <bdi>{[p.site, p.owner, p.deviceName].filter(Boolean).join(' · ')}</bdi>,
        },
        {
          key: 'health',
          header: t('vault.places.health'),
          width: '9rem',
          phone: '2.5rem',
          cell: (p) => (
            <span title={meaning(p)}>
              <State small tone={placeWords[p.health].tone}>
                {t(placeWords[p.health].word)}
              </State>
            </span>
          ),
        },
        {
          key: 'shards',
          header: t('vault.places.shards'),
          width: '5.5rem',
          phone: false,
          align: 'end',
          cell: (p) => format.number(p.shards),
        },
        { key: 'used', header: t('vault.places.used'), width: '6rem', align: 'end', cell: (p) => format.bytes(p.used) },
        {
          key: 'free',
          header: t('vault.places.free'),
          width: '6rem',
          align: 'end',
          wideOnly: true,
          cell: (p) => (p.free === null ? t('common.unknown') : format.bytes(p.free)),
        },
        {
          key: 'checked',
          header: t('vault.places.checked'),
          width: '8.5rem',
          wideOnly: true,
          cell: (p) => (p.verifiedAt === null ? t('common.never') : <Time at={p.verifiedAt} />),
        },
        {
          key: 'actions',
          header: t('common.moreActions'),
          headerHidden: true,
          width: '3.25rem',
          cell: (p) => (
            <Menu
              items={[
                { label: t('vault.place.changeThis'), disabled: !ready, onSelect: () => onChange(p) },
                { label: t('vault.places.remove'), danger: true, disabled: !ready, onSelect: () => onRemove(p) },
              ]}
            >
              <IconButton size="small" icon={MoreHorizontal} label={t('vault.places.actionsOf', { name: p.name })} />
            </Menu>
          ),
        },
      ]}
    />
  );
}
