import { TriangleAlert } from 'lucide-react';
import type { Failure } from '#shared/rpc/fail.ts';
import type { Out } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { useSaid } from '../use-said.ts';
import { ReachPart } from './reach-part.tsx';

export type Plan = Out<'machines.plan'>;

/** What deploying will do, where and why, what it costs, who can see in; and what stands in the way. */
export function PlanPanel({ plan, failure }: { plan: Plan | undefined; failure: Failure | null }) {
  const t = useT();
  const format = useFormat();
  const said = useSaid();
  return (
    <section aria-label={t('machines.plan.title')} className="flex flex-col gap-4 text-sm">
      <h2 className="text-base font-semibold">{t('machines.plan.title')}</h2>
      {failure ? (
        <ErrorPanel error={failure} />
      ) : plan === undefined ? (
        <Skeleton className="h-72" />
      ) : (
        <>
          {plan.blockers.length > 0 && (
            <div
              role="alert"
              className="flex flex-col gap-2 rounded-lg border border-danger bg-danger-soft px-3.5 py-2.5"
            >
              {plan.blockers.map((blocker) => (
                <div key={blocker.code + blocker.text}>
                  <p className="font-medium">{said(blocker.text)}</p>
                  <p>{said(blocker.next)}</p>
                </div>
              ))}
            </div>
          )}
          <ol className="flex flex-col">
            {plan.steps.map((step, i) => (
              <li key={step.key} className="flex gap-2.5 border-b border-line py-1.5 last:border-b-0">
                <span aria-hidden className="w-4 shrink-0 text-end text-ink-soft">
                  {i + 1}
                </span>
                <span className="grow">{said(step.text)}</span>
                {step.bytes !== null && <span className="shrink-0 text-ink-soft">{format.bytes(step.bytes)}</span>}
              </li>
            ))}
          </ol>
          <Facts
            rows={[
              { label: t('machines.plan.host'), value: `${plan.host.name}. ${said(plan.host.why)}` },
              { label: t('machines.plan.sees'), value: said(plan.host.sees) },
              {
                label: t('machines.plan.speed'),
                value: plan.accelerator ? t(`machines.accelerator.${plan.accelerator}`) : t('machines.plan.notProbed'),
              },
              {
                label: t('machines.plan.cost'),
                value:
                  plan.costPerDay === 0
                    ? t('machines.plan.free')
                    : t('machines.plan.credits', { cost: format.number(plan.costPerDay, 2) }),
              },
            ]}
          />
          <ReachPart reach={plan.mesh} />
          {plan.warnings.length > 0 && (
            <ul aria-label={t('machines.plan.warnings')} className="flex flex-col gap-1.5">
              {plan.warnings.map((warning) => (
                <li key={warning.code} className="flex gap-2">
                  <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-attention" strokeWidth={1.75} />
                  <span>{said(warning.text)}</span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
