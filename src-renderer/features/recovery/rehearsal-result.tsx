import type { Rehearsal } from '#shared/contract/vault.ts';
import { useCoreWords } from '../../lib/core-words.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { State } from '../../ui/state.tsx';

/** The word on it. What only works while this computer is there is no recovery from its loss. */
export function verdictOf({ ok, computerLost }: Pick<Rehearsal, 'ok' | 'computerLost'>) {
  if (!ok) return { tone: 'danger', key: 'recovery.rehearse.bad' } as const;
  return computerLost
    ? ({ tone: 'ok', key: 'recovery.rehearse.good' } as const)
    : ({ tone: 'attention', key: 'recovery.rehearse.goodHere' } as const);
}

/** What a rehearsal proved, and what would be missing. */
export function RehearsalResult({ rehearsal }: { rehearsal: Rehearsal }) {
  const t = useT();
  const format = useFormat();
  const say = useCoreWords();
  const { ok, problem, keys, kit, computerLost, places, files, tried, bytes, wrong, snapshot, lacking } = rehearsal;
  const used = places.filter(({ state }) => state === 'used').length;
  const proved = [
    ...(ok || tried > 0 ? [t('recovery.rehearse.used', { count: used })] : []),
    ...(tried > wrong
      ? [t('recovery.rehearse.done', { count: tried - wrong, all: files, size: format.bytes(bytes) })]
      : []),
    ...(snapshot?.ok ? [t('recovery.rehearse.snapshot', { number: snapshot.number })] : []),
    ...(ok && computerLost ? [t('recovery.rehearse.computer')] : []),
    ...(keys === 'words' ? [t('recovery.rehearse.withWords')] : []),
    ...(keys === 'shares' ? [t('recovery.rehearse.withShares')] : []),
    ...(kit === 'given' ? [t('recovery.rehearse.withKit')] : []),
  ];
  const missing = [
    ...(problem === '' ? [] : [say('recovery.said', problem)]),
    ...(wrong > 0 ? [t('recovery.rehearse.wrong', { count: wrong })] : []),
    ...(snapshot && !snapshot.ok ? [t('recovery.rehearse.snapshotBad', { number: snapshot.number })] : []),
    ...places
      .filter(({ state }) => state === 'missing')
      .map(({ name, where, why }) => t('recovery.rehearse.missing', { name, where, why: say('recovery.said', why) })),
    ...lacking.map((one) => say('recovery.said', one)),
  ];
  return (
    <div className="flex flex-col gap-2 text-sm" role="status">
      <p>
        <State tone={verdictOf(rehearsal).tone} className="whitespace-normal">
          {t(verdictOf(rehearsal).key)}
        </State>{' '}
        <span className="text-ink-soft">
          {t('recovery.rehearse.took', { count: Math.max(1, Math.round(rehearsal.tookMs / 1000)) })}
        </span>
      </p>
      {proved.length > 0 && <Points title={t('recovery.rehearse.proved')} points={proved} />}
      <Points title={t('recovery.rehearse.lacking')} points={missing} />
    </div>
  );
}

function Points({ title, points }: { title: string; points: readonly string[] }) {
  return (
    <div>
      <p className="font-medium">{title}</p>
      <ul className="list-disc ps-5">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  );
}
