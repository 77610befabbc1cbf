import type { Place } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Notice } from '../../../ui/panel.tsx';
import { placeWords } from './place-words.ts';

/** What is wrong with a place and what to do, in the person's language. */
function useProblemWords() {
  const t = useT();
  const format = useFormat();
  return ({ path, free }: Place, { code }: NonNullable<Place['problem']>) => ({
    text: t(`vault.problem.${code}.text`, { path, free: free === null ? t('common.unknown') : format.bytes(free) }),
    next: t(`vault.problem.${code}.next`),
  });
}

/** The health of a place in a sentence: what was found there, where that is known. */
export function usePlaceMeaning(): (place: Place) => string {
  const t = useT();
  const words = useProblemWords();
  return (place) => (place.problem ? words(place, place.problem).text : t(placeWords[place.health].meaning));
}

/** One line for each place that something is wrong with; nothing when all are well. */
export function PlaceProblems({ places }: { places: readonly Place[] }) {
  const t = useT();
  const words = useProblemWords();
  const wrong = places.flatMap((place) => (place.problem ? [{ place, problem: place.problem }] : []));
  if (wrong.length === 0) return null;
  return (
    <div className="pb-3">
      <Notice tone="attention">
        <ul aria-label={t('vault.problem.list')} className="flex flex-col gap-2">
          {wrong.map(({ place, problem }) => {
            const { text, next } = words(place, problem);
            return (
              <li key={place.id}>
                <p className="font-medium break-words">
                  <bdi>{place.name}</bdi>: {text}
                </p>
                <p>{next}</p>
              </li>
            );
          })}
        </ul>
      </Notice>
    </div>
  );
}
