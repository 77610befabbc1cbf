import { useEffect, useMemo, useRef, useState } from 'react';
import type { Place } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { layoutMap } from './map-geometry.ts';
import { placeWords } from './place-words.ts';
import { givesShards } from './what-if.ts';

/**
 * The places as discs, those on one device in one frame, as large as what they hold. Each disc is a switch: pressed
 * means imagined gone. Buttons over the drawing, so that keyboard and screen readers have all of it.
 */
export function DurabilityMap({
  places,
  away,
  onToggle,
}: {
  places: readonly Place[];
  away: ReadonlySet<string>;
  onToggle: (ids: readonly string[]) => void;
}) {
  const t = useT();
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(760);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const map = useMemo(() => layoutMap(places, width), [places, width]);
  const byId = new Map<string, Place>(places.map((place) => [place.id, place]));
  return (
    <div ref={box} className="relative" style={{ height: map.height }}>
      {map.groups.map((group) => {
        const ids = group.discs.map((disc) => disc.id);
        const allAway = ids.every((id) => away.has(id));
        return (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be placed absolutely with its legend inside
          <div
            key={group.device}
            role="group"
            aria-label={group.name}
            className="absolute rounded-lg border border-line"
            style={{ insetInlineStart: group.x, top: group.y, width: group.width, height: group.height }}
          >
            <div className="flex h-8 items-center justify-between gap-2 ps-3 pe-1 text-xs text-ink-soft">
              <bdi className="truncate" title={group.name}>
                {group.name}
              </bdi>
              <button
                type="button"
                aria-pressed={allAway}
                onClick={() => onToggle(ids)}
                className="h-6 shrink-0 rounded-sm px-1.5 hover:bg-hover hover:text-ink aria-pressed:text-danger"
              >
                {allAway ? t('vault.places.deviceBack') : t('vault.places.deviceGone')}
                <span className="sr-only">: {group.name}</span>
              </button>
            </div>
            {group.discs.map((disc) => {
              const place = byId.get(disc.id);
              if (!place) return null;
              const gone = away.has(disc.id);
              const words = placeWords[place.health];
              const label = t('vault.places.disc', {
                name: place.name,
                health: t(words.word),
                size: format.bytes(place.used),
                count: place.shards,
                pieces: format.number(place.shards),
              });
              return (
                <div
                  key={disc.id}
                  className="absolute flex w-[104px] flex-col items-center"
                  style={{ insetInlineStart: disc.x - group.x - 52, top: disc.y - group.y - 44 }}
                >
                  <div className="flex h-[88px] items-center justify-center">
                    <button
                      type="button"
                      aria-pressed={gone}
                      aria-label={label}
                      title={label}
                      onClick={() => onToggle([disc.id])}
                      style={{ width: disc.r * 2, height: disc.r * 2 }}
                      className={cx(
                        'flex items-center justify-center rounded-full border-2 text-xs transition-[opacity,background-color] duration-150',
                        gone
                          ? 'border-dashed border-line-strong bg-transparent text-ink-soft'
                          : givesShards(place)
                            ? 'border-accent bg-accent-soft hover:bg-hover'
                            : 'border-dashed border-danger bg-danger-soft text-danger',
                      )}
                    >
                      <span aria-hidden>{gone ? '✕' : format.number(place.shards)}</span>
                    </button>
                  </div>
                  <bdi className={cx('max-w-full truncate px-1 text-xs', gone && 'text-ink-soft line-through')}>
                    {place.name}
                  </bdi>
                </div>
              );
            })}
          </div>
        );
      })}
    </div>
  );
}
