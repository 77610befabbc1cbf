import { mixedStatesText, olderThanKitText } from '../failures.ts';
import type { Catalogue } from './catalogue.ts';

/*
 * What the person has to know of the state of the vault that was taken up from the places, until it is long past.
 */

const toldMs = 30 * 24 * 60 * 60 * 1000;

/**
 * The vault was taken up in an older state than its recovery kit knew, because the person said that there is nothing newer. What comes
 * next is numbered from there on: should the newer one turn up, nothing of it is taken for a part of this one.
 *
 * @param shown when the state that was taken up was copied to the places, ms since 1970; null where it is not known
 */
export function noteOlderThanKit(
  catalogue: Catalogue,
  known: { readonly generation: number; readonly at: number },
  shown: number | null,
  now: number,
): void {
  catalogue.transaction(() => {
    catalogue.run(`INSERT OR REPLACE INTO told_states VALUES ('older-than-kit', ?, ?, ?)`, now, shown, known.at);
    catalogue.run('UPDATE vault SET generation = max(generation, ?)', known.generation + 1);
  });
}

/** The catalogue was read from the places, where copies of another state lie too, or do not. */
export function noteMixed(catalogue: Catalogue, mixed: boolean, now: number): void {
  if (mixed) catalogue.run(`INSERT OR REPLACE INTO told_states VALUES ('mixed', ?, NULL, NULL)`, now);
  else catalogue.run(`DELETE FROM told_states WHERE kind = 'mixed'`);
}

export function toldStates(catalogue: Catalogue, now: number): { code: string; text: string }[] {
  const noted = catalogue.all<{ kind: string; seen: number; shown: number | null; known: number | null }>(
    'SELECT kind, seen, shown_at AS shown, known_at AS known FROM told_states ORDER BY kind',
  );
  return noted
    .filter(({ seen }) => Math.abs(now - seen) <= toldMs)
    .map(({ kind, shown, known }) =>
      kind === 'mixed'
        ? { code: 'VAULT_MIXED_STATES', text: mixedStatesText }
        : { code: 'VAULT_OLDER_THAN_KIT', text: olderThanKitText(shown, known ?? 0) },
    );
}
