import { type Out, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';

/** Which places hold this file, and whether their pieces are whole. */
export function ShardHolders({ shards }: { shards: Out<'vault.get'>['shards'] }) {
  const t = useT();
  const { data } = useAgentQuery('vault.places', {});
  const places = new Map(data?.places.map((place) => [place.id, place]));
  return (
    <ul className="mt-3 flex flex-col gap-1">
      {shards.map(({ place, healthy, missing }) => (
        <li key={place} className="flex items-center gap-2">
          <span
            aria-hidden
            className={cx(
              'size-3 shrink-0 rounded-full border-[1.5px]',
              missing > 0 ? 'border-danger border-dashed' : 'border-ok bg-ok',
            )}
          />
          <span className="grow truncate">{places.get(place)?.name ?? place}</span>
          <span className={cx('shrink-0', missing > 0 ? 'text-danger' : 'text-ink-soft')}>
            {missing > 0
              ? t('vault.inspect.shardsMissing', { missing, count: missing + healthy })
              : t('vault.inspect.shards', { count: healthy })}
          </span>
        </li>
      ))}
    </ul>
  );
}
