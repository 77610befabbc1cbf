import { Server } from 'lucide-react';
import { useState } from 'react';
import type { Lending, Lent } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { ChangeLoanDialog } from './change-loan-dialog.tsx';
import { type Handed, HandedDialog } from './handed-dialog.tsx';
import { LendDialog } from './lend-dialog.tsx';

/** What is used changes while somebody stores; no event tells of it. */
const lookMs = 5_000;

/** Storage of this computer for programs that speak 0-db: another Hypha, or anybody's zstor. */
export function LendingSection() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('vault.lending', {}, { everyMs: lookMs });
  const [lending, setLending] = useState(false);
  const [handed, setHanded] = useState<Handed | null>(null);
  const on = useAgentMutation('vault.lendOn', { quiet: true });
  const off = useAgentMutation('vault.lendOff', { quiet: true });
  useWanted('vault.lend', () => setLending(true));
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-32" />
    );
  }
  const failure = on.error ?? off.error;
  return (
    <Section
      title={t('vault.lending.title')}
      note={t('vault.lending.note')}
      actions={
        <Button icon={Server} disabled={!ready} onClick={() => setLending(true)}>
          {t('vault.lending.lend')}
        </Button>
      }
    >
      <div className="flex max-w-3xl flex-col gap-5">
        {data.lent.length === 0 ? (
          <p className="text-sm text-ink-soft">{t('vault.lending.none')}</p>
        ) : (
          <>
            <Switch
              checked={data.on}
              onChange={(wanted) => (wanted ? on : off).mutate({})}
              label={t('vault.lending.switch')}
              hint={t('vault.lending.switchHint')}
              disabled={!ready || on.isPending || off.isPending}
            />
            {data.problem && (
              <Notice tone="attention">
                <p className="font-medium">{data.problem.text}</p>
                <p>{data.problem.next}</p>
              </Notice>
            )}
            <Where lending={data} />
            {data.lent.map((loan) => (
              <Loan key={loan.name} loan={loan} lending={data} ready={ready} onHanded={setHanded} />
            ))}
          </>
        )}
        {failure && <ErrorPanel error={failure} />}
      </div>
      {lending && (
        <LendDialog
          first={data.directory === null}
          onClose={() => setLending(false)}
          onDone={(made) => {
            setLending(false);
            setHanded(made);
          }}
        />
      )}
      {handed && <HandedDialog handed={handed} onClose={() => setHanded(null)} />}
    </Section>
  );
}

/** Where it is reached, and where it lies. */
function Where({ lending }: { lending: Lending }) {
  const t = useT();
  const format = useFormat();
  const { host, port, localPort, directory, free } = lending;
  const mesh = host !== null && port !== null ? `[${host}]:${port}` : null;
  return (
    <Facts
      rows={[
        {
          label: t('vault.lending.overMesh'),
          value: mesh ? <Copyable whole value={mesh} what={t('vault.lending.overMesh')} /> : t('vault.lending.nobody'),
        },
        {
          label: t('vault.lending.here'),
          value:
            localPort === null ? (
              t('vault.lending.closed')
            ) : (
              <Copyable whole value={`127.0.0.1:${localPort}`} what={t('vault.lending.here')} />
            ),
        },
        { label: t('vault.lending.connections'), value: format.number(lending.connections) },
        ...(directory === null
          ? []
          : [{ label: t('vault.rooms.directory'), value: <bdi className="break-all">{directory}</bdi> }]),
        { label: t('vault.lending.free'), value: free === null ? t('vault.rooms.diskAway') : format.bytes(free) },
      ]}
    />
  );
}

/** One namespace: who has it, how much of it is used, and what can be done about it. */
function Loan({
  loan,
  lending,
  ready,
  onHanded,
}: {
  loan: Lent;
  lending: Lending;
  ready: boolean;
  onHanded: (handed: Handed) => void;
}) {
  const t = useT();
  const format = useFormat();
  const [changing, setChanging] = useState(false);
  const [renewing, setRenewing] = useState(false);
  const [ending, setEnding] = useState(false);
  const change = useAgentMutation('vault.changeLoan', { quiet: true });
  const unlend = useAgentMutation('vault.unlend', {});
  const { name, to, mode, bytes, used, onDisk, keys, since, problem } = loan;
  const renew = async () => {
    const { password } = await change.mutateAsync({ name, newPassword: true });
    if (password === null) return;
    const port = lending.host === null ? (lending.localPort ?? 0) : (lending.port ?? 0);
    onHanded({ host: lending.host, port, namespace: name, password, mode });
  };
  return (
    <section aria-label={name} className="flex flex-col gap-3 border-t border-line pt-4">
      <h3 className="font-medium">
        <bdi className="font-mono">{name}</bdi>
      </h3>
      {problem !== null && <Notice tone="attention">{problem}</Notice>}
      <Facts
        rows={[
          {
            label: t('vault.lending.to'),
            value: to.length === 0 ? t('vault.lending.onlyHere') : <bdi>{to.join(', ')}</bdi>,
          },
          {
            label: t('vault.rooms.used'),
            value: t('vault.lending.usedOf', { used: format.bytes(used), bytes: format.bytes(bytes), count: keys }),
          },
          { label: t('vault.lending.onDisk'), value: format.bytes(onDisk) },
          { label: t('vault.lending.mode'), value: t(`vault.lending.modeIs.${mode}`) },
          ...(since === null ? [] : [{ label: t('vault.lending.since'), value: <Time at={since} /> }]),
        ]}
      />
      {change.error && <ErrorPanel error={change.error} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={!ready} onClick={() => setChanging(true)}>
          {t('vault.rooms.change')}
        </Button>
        <Button disabled={!ready} onClick={() => setRenewing(true)}>
          {t('vault.lending.newPassword')}
        </Button>
        <Button disabled={!ready} onClick={() => setEnding(true)}>
          {t('vault.lending.takeBack')}
        </Button>
      </div>
      {changing && <ChangeLoanDialog loan={loan} onClose={() => setChanging(false)} />}
      <ConfirmDialog
        open={renewing}
        onOpenChange={setRenewing}
        title={t('vault.lending.renewTitle', { name })}
        description={t('vault.lending.renewText')}
        action={t('vault.lending.renewDo')}
        tone="primary"
        onConfirm={renew}
      />
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title={t('vault.lending.endTitle', { name })}
        description={t('vault.lending.endText')}
        action={t('vault.lending.endDo')}
        onConfirm={() => unlend.mutateAsync({ name })}
      />
    </section>
  );
}
