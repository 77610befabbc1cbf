import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useCoreWords } from '../../../lib/core-words.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';

/** What was looked at, what was found, and what to do about it. */
export function Why({ target, port }: { target: string; port: number | undefined }) {
  const t = useT();
  const said = useCoreWords();
  const { data, error, isFetching, refetch } = useAgentQuery('mesh.diagnose', {
    target,
    ...(port === undefined ? {} : { port }),
  });
  return (
    <Section title={t('mesh.diagnose.whyOf', { target })}>
      <p role="status" className="pb-3 text-sm">
        {isFetching ? (
          <span className="text-ink-soft">{t('mesh.diagnose.looking')}</span>
        ) : (
          data && (
            <State tone={data.reachable ? 'ok' : 'attention'}>
              {t(data.reachable ? 'mesh.diagnose.reachable' : 'mesh.diagnose.unreachable')}
            </State>
          )
        )}
      </p>
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data && !isFetching && (
        <ul aria-label={t('mesh.diagnose.findings')} className="max-w-[760px] text-sm">
          {data.findings.map((finding) => (
            <li
              key={finding.code}
              className="grid items-start gap-x-4 border-b border-line py-2.5 last:border-b-0 min-[700px]:grid-cols-[10rem_minmax(0,1fr)]"
            >
              <State tone={finding.ok ? 'ok' : 'attention'}>{t(`mesh.diagnose.finding.${finding.code}`)}</State>
              <div className="wrap-anywhere">
                <p>{said(`mesh.said.${finding.code}`, finding.text)}</p>
                {!finding.ok && finding.next && (
                  <p className="text-ink-soft">{said(`mesh.said.${finding.code}`, finding.next)}</p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
