import { HandHeart } from 'lucide-react';
import { useState } from 'react';
import type { HostedRoom } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { RoomDialog } from './room-dialog.tsx';
import { useWhose } from './whose.ts';

/** What is used changes while somebody stores; no event tells of it. */
const lookMs = 5_000;
const gibibyte = 1024 ** 3;
const inGib = (bytes: number): string => String(Math.round((bytes / gibibyte) * 100) / 100);

interface Giving {
  /** Left out: one is chosen. */
  readonly contact?: string;
  readonly title: string;
  readonly gib: string;
}

/** The room that this computer keeps for contacts: who asks, who has how much, and how it ends. */
export function HostingSection() {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('vault.hosting', {}, { everyMs: lookMs });
  const [giving, setGiving] = useState<Giving | null>(null);
  const [closing, setClosing] = useState<HostedRoom | null>(null);
  const [ending, setEnding] = useState<HostedRoom | null>(null);
  const give = useAgentMutation('vault.giveRoom', { quiet: true, onDone: () => setGiving(null) });
  const refuse = useAgentMutation('vault.refuseRoom', {});
  const close = useAgentMutation('vault.closeRoom', {});
  const named = useWhose();
  const reopen = useAgentMutation('vault.reopenRoom', {});
  const end = useAgentMutation('vault.endRoom', {});
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  const nothing = data.rooms.length + data.offers.length + data.asks.length === 0;
  return (
    <Section
      title={t('vault.rooms.hosting')}
      note={t('vault.rooms.hostingNote')}
      className="border-t-0! pt-1!"
      actions={
        <Button
          icon={HandHeart}
          disabled={!ready}
          onClick={() => setGiving({ title: t('vault.rooms.offerTitle'), gib: '20' })}
        >
          {t('vault.rooms.offer')}
        </Button>
      }
    >
      <div className="flex max-w-3xl flex-col gap-5">
        {data.problem && (
          <Notice tone="attention">
            <p className="font-medium">{data.problem.text}</p>
            <p>{data.problem.next}</p>
          </Notice>
        )}
        {data.asks.map(({ contact, name, bytes, now }) => (
          <Notice
            key={contact}
            tone="attention"
            action={
              <>
                <Button disabled={!ready} onClick={() => refuse.mutate({ contact: `@${contact}` })}>
                  {t('vault.rooms.refuse')}
                </Button>
                <Button
                  tone="primary"
                  disabled={!ready}
                  onClick={() =>
                    setGiving({
                      contact: `@${contact}`,
                      title: t('vault.rooms.changeTitle', { name: named(name) }),
                      gib: inGib(bytes),
                    })
                  }
                >
                  {t('vault.rooms.agree')}
                </Button>
              </>
            }
          >
            <p className="font-medium">
              {now === 0
                ? t('vault.rooms.asks', { name: named(name), size: format.bytes(bytes) })
                : t('vault.rooms.asksMore', {
                    name: named(name),
                    size: format.bytes(bytes),
                    now: format.bytes(now),
                  })}
            </p>
          </Notice>
        ))}
        {nothing && <p className="text-sm text-ink-soft">{t('vault.rooms.none')}</p>}
        {data.rooms.map((room) => (
          <div key={room.contact} className="flex flex-col gap-3">
            <h3 className="font-medium">
              <bdi>{named(room.name)}</bdi>
            </h3>
            <Facts
              rows={[
                {
                  label: t('vault.rooms.used'),
                  value: room.used === null ? t('vault.rooms.diskAway') : format.bytes(room.used),
                },
                { label: t('vault.rooms.most'), value: format.bytes(room.bytes) },
                {
                  label: t('vault.rooms.seen'),
                  value: room.connected ? (
                    t('vault.rooms.here')
                  ) : room.seen === null ? (
                    t('common.unknown')
                  ) : (
                    <Time at={room.seen} />
                  ),
                },
                ...(room.until === null
                  ? []
                  : [
                      {
                        label: t('vault.rooms.until'),
                        value: (
                          <>
                            <Time at={room.until} /> ({t(room.told ? 'vault.rooms.told' : 'vault.rooms.notTold')})
                          </>
                        ),
                      },
                    ]),
              ]}
            />
            <div className="flex flex-wrap gap-2">
              <Button
                disabled={!ready}
                onClick={() =>
                  setGiving({
                    contact: `@${room.contact}`,
                    title: t('vault.rooms.changeTitle', { name: named(room.name) }),
                    gib: inGib(room.bytes),
                  })
                }
              >
                {t('vault.rooms.change')}
              </Button>
              {room.until === null ? (
                <Button disabled={!ready} onClick={() => setClosing(room)}>
                  {t('vault.rooms.close')}
                </Button>
              ) : (
                <Button disabled={!ready} onClick={() => reopen.mutate({ contact: `@${room.contact}` })}>
                  {t('vault.rooms.reopen')}
                </Button>
              )}
              <Button disabled={!ready} onClick={() => setEnding(room)}>
                {t('vault.rooms.end')}
              </Button>
            </div>
          </div>
        ))}
        {data.offers.map(({ contact, name, bytes }) => (
          <div key={contact} className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <span className="grow">
              <bdi className="font-medium">{named(name)}</bdi>{' '}
              <span className="text-sm text-ink-soft">
                {t('vault.rooms.offered')}: {format.bytes(bytes)}
              </span>
            </span>
            <Button disabled={!ready} onClick={() => refuse.mutate({ contact: `@${contact}` })}>
              {t('vault.rooms.takeBack')}
            </Button>
          </div>
        ))}
        {data.directory !== null && (
          <Facts
            rows={[
              { label: t('vault.rooms.directory'), value: <bdi className="break-all">{data.directory}</bdi> },
              {
                label: t('vault.rooms.free'),
                value: data.free === null ? t('vault.rooms.diskAway') : format.bytes(data.free),
              },
            ]}
          />
        )}
      </div>
      {giving && (
        <RoomDialog
          title={giving.title}
          text={t('vault.rooms.offerText')}
          action={t('vault.rooms.save')}
          {...(giving.contact === undefined ? {} : { contact: giving.contact })}
          gib={giving.gib}
          busy={give.isPending}
          error={give.error}
          onDone={(contact, gib) => give.mutate({ contact, gib })}
          onClose={() => setGiving(null)}
        />
      )}
      <ConfirmDialog
        open={closing !== null}
        onOpenChange={(open) => !open && setClosing(null)}
        title={t('vault.rooms.closeTitle', { name: named(closing?.name ?? null) })}
        description={t('vault.rooms.closeText')}
        action={t('vault.rooms.close')}
        onConfirm={() => closing && close.mutateAsync({ contact: `@${closing.contact}`, days: 30 })}
      />
      <ConfirmDialog
        open={ending !== null}
        onOpenChange={(open) => !open && setEnding(null)}
        title={t('vault.rooms.endTitle', { name: named(ending?.name ?? null) })}
        description={t('vault.rooms.endText')}
        action={t('vault.rooms.end')}
        onConfirm={() => ending && end.mutateAsync({ contact: `@${ending.contact}` })}
      />
    </Section>
  );
}
