import { useT } from '../../../lib/i18n.ts';
import { OpeningText } from '../mesh/opening-text.tsx';
import { ruleWords } from '../mesh/rule-words.ts';
import type { Plan } from './plan-panel.tsx';

/** What others will reach of the machine over the mesh, and that all else is closed. */
export function ReachPart({ reach: { state, openings } }: { reach: Plan['mesh'] }) {
  const t = useT();
  const open = state === 'without' ? [] : openings;
  const closed = state === 'off' ? 'offClosed' : 'closed';
  const sentence = state === 'without' ? state : open.length === 0 ? closed : state === 'off' ? 'off' : null;
  return (
    <section aria-label={t('machines.plan.mesh')} className="flex flex-col gap-1.5">
      <h3 className="font-semibold">{t('machines.plan.mesh')}</h3>
      {sentence !== null && <p>{t(`machines.plan.reach.${sentence}`)}</p>}
      {open.length > 0 && (
        <ul aria-label={t('machines.mesh.openings')} className="border-t border-line">
          {open.map((opening) => (
            <li key={opening.rule} className="border-b border-line py-1.5">
              <OpeningText words={ruleWords(opening, t)} />
            </li>
          ))}
        </ul>
      )}
      {open.length > 0 && <p className="text-ink-soft">{t('machines.plan.reach.rest')}</p>}
    </section>
  );
}
