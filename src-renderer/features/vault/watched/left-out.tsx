import type { WatchedProblem } from '#shared/contract/vault.ts';
import { useT } from '../../../lib/i18n.ts';

/** Files that are left as they are, each with the reason and what can be done. */
export function LeftOut({ problems, count }: { problems: readonly WatchedProblem[]; count: number }) {
  const t = useT();
  if (count === 0) return null;
  return (
    <details>
      <summary className="cursor-default text-sm font-medium">{t('vault.watched.left', { count })}</summary>
      <ul className="mt-2 flex flex-col gap-2 text-sm">
        {problems.map(({ path, code }) => (
          <li key={path}>
            <bdi className="font-medium break-all">{path}</bdi>
            <p className="text-ink-soft">{t(`vault.watched.why.${code}`)}</p>
          </li>
        ))}
      </ul>
      {count > problems.length && (
        <p className="mt-2 text-sm text-ink-soft">{t('vault.watched.more', { count: count - problems.length })}</p>
      )}
    </details>
  );
}
